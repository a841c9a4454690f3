import { Injectable } from '@nestjs/common';
import { EventStreams, type RequestContext } from '#libs/http';
import { gauge, histogram, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** How many answers there were, of which status, and how long they took, whether or not their record could be made. */
@ReportsMetrics()
@Injectable()
export class AnswerMetrics implements MetricsReporter {
  private readonly durations = histogram(
    {
      name: 'keyward_http_request_duration_seconds',
      help: 'From the arrival of a call to the end of its answer; the route is a template, and empty where none matched',
      labels: ['method', 'route', 'status'],
    },
    seconds,
  );
  private isServed = false;

  constructor(private readonly streams: EventStreams) {}

  metrics(): readonly Metric[] {
    this.isServed = true;
    return [
      this.durations,
      gauge(
        { name: 'keyward_http_open_streams', help: 'Streams of events that are open (at most KEYWARD_STREAMS)' },
        () => this.streams.count,
      ),
    ];
  }

  answered(context: RequestContext, status: number): void {
    if (!this.isServed) return;
    const { method, route } = context;
    this.durations.observe({ method, route: route ?? '', status }, context.elapsedMs() / 1000);
  }
}
