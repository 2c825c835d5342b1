from pathlib import Path

from livetranslate.stack.triton import TritonOptions, start_triton
from livetranslate.triton import TritonClient
from tests.otlp_collector import collecting

ROOT = Path(__file__).parents[2]
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT_ID = "b7ad6b7169203331"


async def test_a_request_with_a_trace_context_is_traced_below_it(tmp_path: Path) -> None:
    """Its spans belong to the caller's trace; a request without a context leaves none."""
    with collecting() as collector:
        options = TritonOptions(
            model_repository=ROOT / "bench" / "models", profile="null", otlp_endpoint=collector.endpoint
        )
        server = start_triton(options, tmp_path)
        try:
            client = TritonClient(server.grpc_address)
            inputs = {"TEXT": ["hello"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
            await client.infer("mt_null", inputs, timeout_seconds=10, traceparent=f"00-{TRACE_ID}-{PARENT_ID}-01")
            await client.infer("mt_null", inputs, timeout_seconds=10)
            await client.close()
        finally:
            server.stop()  # exports what is left
    assert {span.trace_id for span in collector.spans} == {TRACE_ID}
    assert [span.name for span in collector.spans if span.parent_id == PARENT_ID] == ["InferRequest"]
    assert "mt_null" in {span.name for span in collector.spans}
