"""Grafana's dashboards as code: `tools/generate-dashboards` writes them to `k8s/monitoring/dashboards/`."""
