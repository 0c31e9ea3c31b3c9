#!/bin/sh
# Runs the gate on fifty questions against llmock (PyPI), a fault server that is no part of this project, and prints what
# each of the two says about the other. Needs python3 and a network to install llmock; CI does not run it.
#
#   cargo build && tests/third_party/llmock.sh [ERROR_RATE…]        such as 429=0.3 500=0.1
set -eu

gate=$(cd "$(dirname "$0")/../.." && pwd)/target/debug/tunegate
[ $# -gt 0 ] || set -- 429=0.3 500=0.1
port=${LLMOCK_PORT:-8765}
url=http://127.0.0.1:$port
work=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check llmock==0.2.2
rates=
for rate; do rates="$rates --error-rate $rate"; done
# shellcheck disable=SC2086  # one word an option and one a rate
"$work/venv/bin/llmock" serve --port "$port" --response-style varied $rates >"$work/llmock.log" 2>&1 &
server=$!

cd "$work"
printf 'ft:open-mistral-7b:acme:1' >model.txt
{
  printf 'description: Fifty questions.\nscoring: {profile: checks}\ncases:\n'
  for n in $(seq 50); do
    printf '  - {id: question-%s, prompt: "What is %s times seven?", checks: [{regex: "."}]}\n' "$n" "$n"
  done
} >suite.yaml
cat >tunegate.yaml <<EOF
version: 1
providers: {llmock: {kind: openai, base_url: "$url/v1"}}
agents: {qa: {model: {file: model.txt}, suite: suite.yaml}}
EOF

until curl --silent --output requests.json "$url/_llmock/requests"; do
  kill -0 "$server" || { cat llmock.log; exit 1; }
done
code=0
"$gate" run --quiet --out out >run.log || code=$?
tail -n 2 run.log
echo "exit code $code"
python3 - <<'EOF'
import json, pathlib
if not pathlib.Path("out/run.json").exists():
    raise SystemExit("no record")
agent = json.load(open("out/run.json"))["agents"][0]
print("score", agent["score"], "counts", agent["counts"])
EOF
verdict=0
"$work/venv/bin/llmock" report --url "$url" || verdict=$?
echo "llmock report: exit code $verdict"
exit "$verdict"
