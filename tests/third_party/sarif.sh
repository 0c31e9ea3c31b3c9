#!/bin/sh
# Holds findings.sarif against Microsoft's validator (npm @microsoft/sarif-multitool), which is no part of this project.
# Needs Node.js with npm and a network to install it.
#
#   cargo build && tests/third_party/sarif.sh [TUNEGATE]
set -eu

gate=${1:-$(cd "$(dirname "$0")/../.." && pwd)/target/debug/tunegate}
gate=$(realpath "$gate")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @microsoft/sarif-multitool@5.7.0

mkdir 'data ü'
{
  echo '{"prompt": "Is this spam?", "completion": "yes"}'
  echo '{"prompt": "Is this spam?", "completion": "no"}'
  echo '{"prompt": "Is this spam?", "completion": "no"}'
  echo '{"messages": [{"role": "user", "content": "<b>::error::\u0007 @all"}]}'
  echo 'broken'
} >'data ü/train #1.jsonl'
: >empty.jsonl
echo '{"prompt": "Is this spam?", "completion": "yes"}' >val.jsonl

# Findings that block end with 1.
"$gate" audit 'data ü/train #1.jsonl' empty.jsonl --validation val.jsonl --sarif findings.sarif >/dev/null || [ $? -eq 1 ]
"$gate" audit val.jsonl --sarif nothing.sarif >/dev/null
grep -c '"ruleId"' findings.sarif
for log in findings.sarif nothing.sarif; do
  npx sarif-multitool validate "$log" >report
  cat report
  grep -q 'Analysis completed successfully' report
  if grep -E ': (error|warning) ' report; then
    exit 1
  fi
done
