/** The charts of the dashboard. In a file of its own, so that their library is loaded only when somebody looks. */
import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { Period } from '../api/generated/Period';
import { duration } from './periods';
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
  const common = { h: HEIGHT, data, dataKey: 'name', withLegend: true, legendProps: { verticalAlign: 'top', height: 28 }, gridAxis: 'x', tickLine: 'none' } as const;
  const counts = { ...common, maxBarWidth: 18, yAxisProps: { allowDecimals: false, width: 34 } };
  return (
    <div className={classes.charts} aria-hidden>
      <figure className={classes.chart}>
        <figcaption>Edits received and sent</figcaption>
        <BarChart {...counts} series={[{ name: 'Received', color: 'var(--accent)' }, { name: 'Sent', color: 'var(--good)' }]} />
      </figure>
      <figure className={classes.chart}>
        <figcaption>From an edit until the service has it</figcaption>
        <LineChart {...common} connectNulls curveType="monotone" yAxisProps={{ width: 52 }} valueFormatter={duration} series={[{ name: 'Median', color: 'var(--accent)' }, { name: '95 of 100', color: 'var(--warn-mark)', strokeDasharray: '4 3' }]} />
      </figure>
      <figure className={classes.chart}>
        <figcaption>Most edits waiting at once</figcaption>
        <BarChart {...counts} series={[{ name: 'Waiting', color: 'var(--accent)' }]} />
      </figure>
      <figure className={classes.chart}>
        <figcaption>Failures and conflicts</figcaption>
        <BarChart {...counts} type="stacked" series={[{ name: 'Failures', color: 'var(--bad)' }, { name: 'Conflicts', color: 'var(--warn-mark)' }]} />
      </figure>
    </div>
  );
}
