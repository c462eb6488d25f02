/** What the world in memory measured: a quiet office day, the same at every look. */
import type { AccountHealth } from '../../api/generated/AccountHealth';
import type { DashboardView } from '../../api/generated/DashboardView';
import type { LogLineView } from '../../api/generated/LogLineView';
import type { LogQuery } from '../../api/generated/LogQuery';
import type { SyncSnapshot } from '../../api/generated/SyncSnapshot';

/** Counts what happened between the edges. */
export function dashboardOf(edges: readonly string[], { integrations }: SyncSnapshot): DashboardView {
  const periods = edges.slice(1).map((to, index) => {
    const [edits_in, edits_out] = [(index * 7) % 11, (index * 5) % 8];
    const slow = 400 + ((index * 173) % 900);
    return {
      from: edges[index] ?? to,
      to,
      edits_in,
      edits_out,
      failures: index % 9 === 4 ? 2 : 0,
      conflicts: index % 13 === 6 ? 1 : 0,
      queue_depth: edits_out === 0 ? 0 : 1 + (index % 4),
      latency: edits_out === 0 ? null : { count: edits_out, p50_ms: slow, p95_ms: slow * 3, p99_ms: slow * 4 },
    };
  });
  const sum = (what: 'edits_in' | 'edits_out' | 'failures' | 'conflicts') => periods.reduce((all, period) => all + period[what], 0);
  const accounts = integrations.map(({ id, provider, account }, index): AccountHealth => ({
    id,
    provider,
    account,
    edits_in: index === 0 ? sum('edits_in') : 0,
    edits_out: index === 0 ? sum('edits_out') : 0,
    retried: index === 0 ? sum('failures') : 0,
    failed: 0,
    conflicts: index === 0 ? sum('conflicts') : 0,
    latency: index === 0 ? { count: 40, p50_ms: 640, p95_ms: 2100, p99_ms: 3900 } : null,
    delay: index === 0 ? { median_ms: 7800, way: 'fast_poll', count: 60 } : null,
    channels: [{ link_id: `compared-${id}`, calendar: account, expires_at: null, compared_at: edges.at(-2) ?? null, drifted: 0, drifted_ever: 0 }],
    requests_last_hour: index === 0 ? 268 : 31,
    busiest_minute: index === 0 ? 24 : 6,
    allowed_per_minute: provider === 'google' ? 600 : provider === 'notion' ? 180 : null,
    restarts: 0,
  }));
  const failures = sum('failures');
  return { accounts, periods, failures: failures === 0 ? [] : [{ kind: 'transient', count: failures }], is_cut: false };
}

/** Lists a few lines of history. */
export function logLinesOf(query: LogQuery, { integrations }: SyncSnapshot): LogLineView[] {
  const [action = 'PULL'] = query.actions;
  const [outcome = 'SUCCEEDED'] = query.outcomes;
  const account = integrations.find(({ id }) => query.integration_id === null || id === query.integration_id)?.account ?? null;
  return ['Design review: onboarding', 'Lunch with Priya', 'Old kick-off'].map((title, index) => ({
    at: query.from,
    account,
    calendar: 'Team',
    event_id: null,
    title: action === 'PULL' ? null : title,
    action,
    outcome,
    duration_ms: 180 + index * 90,
    words: outcome === 'RETRIED' ? 'The service was busy and asked to wait.' : '',
  }));
}
