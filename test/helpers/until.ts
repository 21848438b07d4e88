// Waiting for a condition, never for a time.
export { until } from '../../bin/local-servers/until';
