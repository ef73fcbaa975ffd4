"""An OpenTelemetry collector that keeps the metrics that it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from tests.serving import serving


class MetricsCollector:
    """Listens on `port`; `received` holds each point: name, tags, value (of a histogram the sum)."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], float]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.keep(ExportMetricsServiceRequest.FromString(body))
                answer = ExportMetricsServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]

    def keep(self, request: ExportMetricsServiceRequest) -> None:
        """Keep every point of a request."""
        metrics = [m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics]
        for metric in metrics:
            kind = metric.WhichOneof("data")
            for point in getattr(metric, kind).data_points:
                tags = {each.key: each.value.string_value for each in point.attributes}
                value = point.sum if "histogram" in kind else point.as_double or point.as_int
                self.received.append((metric.name, tags, value))

    def find(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Return tags and value of each point of one of our names."""
        return [(tags, value) for found, tags, value in self.received if found == f"airflow.{name}"]


@contextmanager
def running_collector() -> Iterator[MetricsCollector]:
    """Run one for as long as the context lasts."""
    collector = MetricsCollector()
    with serving(collector.server):
        yield collector
