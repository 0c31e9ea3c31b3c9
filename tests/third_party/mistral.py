"""Lets mistral-common, the package in which Mistral describes its requests, read what the gate sends to Mistral.

    cargo build
    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install mistral-common==1.13.1
    /tmp/venv/bin/python tests/third_party/mistral.py

The gate believes that it asks api.mistral.ai; a proxy on this machine takes the requests, so nothing leaves it and no
key is needed. CI does not run this.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pydantic
from mistral_common.protocol.instruct.messages import ChatMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import MistralRequestValidator

GATE = pathlib.Path(__file__).resolve().parents[2] / "target/debug/tunegate"

# Parameters of Mistral's API (https://docs.mistral.ai/api/) that the package, which is about tokens, does not have.
OF_THE_API_ALONE = {"stop", "presence_penalty", "frequency_penalty"}

CONFIG = """
version: 1
providers: {mistral: {kind: openai, base_url: "http://api.mistral.ai/v1"}}
agents:
  plain: {model: {id: "ft:open-mistral-7b:acme:1"}, suite: suite.yaml}
  tuned:
    model: {id: "ft:open-mistral-7b:acme:2"}
    system: {text: Be brief.}
    parameters:
      {temperature: 0.2, max_tokens: 64, top_p: 0.9, seed: 7}
    suite: suite.yaml
  everything:
    model: {id: "ft:open-mistral-7b:acme:3"}
    system: {text: Be brief.}
    parameters:
      {temperature: 0.0, max_tokens: 64, top_p: 1.0, seed: 7, stop: [END], presence_penalty: 0.5, frequency_penalty: -0.5}
    suite: suite.yaml
"""

SUITE = """
description: One turn and several.
scoring: {profile: checks}
cases:
  - {id: one, prompt: "What is seven times six?", checks: [{contains: "42"}]}
  - id: several
    messages:
      - {role: user, content: What is seven times six?}
      - {role: assistant, content: It is 42.}
      - {role: user, content: And plus one?}
    checks: [{contains: "42"}]
"""


class Mistral(BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        Mistral.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        message = {"role": "assistant", "content": "42"}
        answer = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def asked():
    """The bodies that the gate sends for two cases and three agents."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mistral)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "tunegate.yaml").write_text(CONFIG)
        pathlib.Path(folder, "suite.yaml").write_text(SUITE)
        proxy = {"http_proxy": f"http://127.0.0.1:{server.server_port}"}
        subprocess.run([GATE, "run", "--quiet"], cwd=folder, env=proxy, check=True)
    server.shutdown()
    return Mistral.bodies


def refused_keys(body):
    """The keys that the package does not know; anything else that it dislikes is raised."""
    try:
        request = ChatCompletionRequest[ChatMessage](**body)
    except pydantic.ValidationError as error:
        unknown = {e["loc"][0] for e in error.errors() if e["type"] == "extra_forbidden"}
        if len(unknown) < error.error_count():
            raise
        rest = {key: value for key, value in body.items() if key not in unknown}
        return unknown | refused_keys(rest)
    MistralRequestValidator().validate_request(request)
    return set()


def main():
    bodies = asked()
    assert len(bodies) == 6, f"{len(bodies)} requests"
    for body in bodies:
        refused = refused_keys(body)
        expected = OF_THE_API_ALONE & body.keys()
        known = ", ".join(key for key in body if key not in refused)
        print(f"{body['model']}, {len(body['messages'])} messages: accepted {known}; unknown {sorted(refused)}")
        if refused != expected:
            sys.exit(f"refused beyond what is expected: {sorted(refused - expected)}")


if __name__ == "__main__":
    main()
