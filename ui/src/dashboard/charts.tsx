/** The charts of the dashboard. In a file of its own, so that their library is loaded only when somebody looks. */
import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { ReactNode } from 'react';
import type { Period } from '../api/generated/Period';
import { duration, gapsOf } from './periods';
import classes from './dashboard.module.css';

interface Props {
  periods: readonly Period[];
  nameOf: (period: Period) => string;
}

const HEIGHT = 168;

/** Shows what happened over time. The same numbers stand in the table below them. */
export default function Charts({ periods, nameOf }: Props) {
  const data = periods.map((period) => ({
    name: nameOf(period),
    'Received': period.edits_in,
    'Sent': period.edits_out,
    'Failures': period.failures,
    'Conflicts': period.conflicts,
    'Waiting': period.queue_depth,
    'Median': period.latency?.p50_ms ?? null,
    '95 of 100': period.latency?.p95_ms ?? null,
  }));
  const gaps = gapsOf(periods);
  const common = { h: HEIGHT, data, dataKey: 'name', withLegend: true, legendProps: { verticalAlign: 'top', height: 28 }, gridAxis: 'x', tickLine: 'none' } as const;
  const counts = { ...common, maxBarWidth: 18, yAxisProps: { allowDecimals: false, width: 34 } };
  return (
    <div className={classes.charts} aria-hidden>
      <Chart title="Edits received and sent" gap={gaps.edits}>
        <BarChart {...counts} series={[{ name: 'Received', color: 'var(--accent)' }, { name: 'Sent', color: 'var(--good)' }]} />
      </Chart>
      <Chart title="From an edit until the service has it" gap={gaps.latency}>
        <LineChart {...common} connectNulls curveType="monotone" yAxisProps={{ width: 64 }} valueFormatter={duration} series={[{ name: 'Median', color: 'var(--accent)' }, { name: '95 of 100', color: 'var(--warn-mark)', strokeDasharray: '4 3' }]} />
      </Chart>
      <Chart title="Most edits waiting at once" gap={gaps.queue}>
        <BarChart {...counts} series={[{ name: 'Waiting', color: 'var(--accent)' }]} />
      </Chart>
      <Chart title="Failures and conflicts" gap={gaps.failures}>
        <BarChart {...counts} type="stacked" series={[{ name: 'Failures', color: 'var(--bad)' }, { name: 'Conflicts', color: 'var(--warn-mark)' }]} />
      </Chart>
    </div>
  );
}

/** One chart under its title, or the words for why there is none: axes around nothing look like a fault. */
function Chart({ title, gap, children }: { title: string; gap: string | null; children: ReactNode }) {
  return (
    <figure className={classes.chart}>
      <figcaption>{title}</figcaption>
      {gap === null ? children : <p className={classes.gap} style={{ height: HEIGHT }}>{gap}</p>}
    </figure>
  );
}
