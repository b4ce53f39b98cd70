#!/bin/bash
# A run whose LLM has used its tokens or its money ends where it is: what it has stays, byte for byte
# what a run without that limit does up to there, a replay ends at the same place, and a table leaves
# empty what nobody knows.
set -eu
command -v python3 >/dev/null || exit 77
here=$(cd "${srcdir:-.}/tests/run" && pwd)
server=$(dirname "$SEKI")/tests/run/server
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAIL: $*"; exit 1; }

mkfifo in; exec 9<>in
"$server" 0 count max_tokens <in >port 2>/dev/null & pid=$!
for _ in $(seq 500); do [ -s port ] && break; sleep 0.02; done
[ -s port ] || fail "the server did not start"
url=http://127.0.0.1:$(cat port)/v1

# study BUDGET: writes BUDGET.json. A million tokens in cost 10, out 40.
study() {
    sed -e "s,@URL@,$url," -e 's/"model": "scripted"/&, "price_in": 10, "price_out": 40, "currency": "EUR"/' \
        -e "s/\"evaluations\": 12/&$2/" -e "s/\"name\": \"resume\"/\"name\": \"$1\"/" \
        -e '$d' "$here/resume.json" >"$1.json"
    cat >>"$1.json" <<'END'
  ,"tables": [
    {"type": "accuracy", "name": "accuracy", "caption": "a", "label": "form", "at": [6, 12]},
    {"type": "anytime", "name": "anytime", "caption": "a", "label": "form", "at": [12]},
    {"type": "cost", "name": "cost", "caption": "c", "label": "form"}]
}
END
}
study free ''
study tokens ', "max_tokens_total": 6000'
study cost ', "max_cost": 0.09'
study both ', "max_tokens_total": 6000, "max_cost": 0.000001'
study roomy ', "max_tokens_total": 100000000, "max_cost": 100'
for name in free tokens cost both roomy; do
    "$SEKI" run --quiet $name.json --record --results live --transcripts transcripts || fail "$name"
done

python3 - <<'END' || exit 1
import glob, json, sys
def read(path):
    return [json.loads(line) for line in open(path)]
def plain(line):
    return {k: v for k, v in line.items() if k not in ("ms", "wall_s", "llm_ms", "in_flight")}
def price(call):
    return (10 * call["tokens_in"] + 40 * call["tokens_out"]) / 1e6
for path in sorted(glob.glob("live/free/*/run.jsonl")):
    whole = read(path)
    for name in ("tokens", "cost", "both", "roomy"):
        lines = read(path.replace("free", name, 1))
        end = lines[-1]
        calls = [l for l in lines if l["event"] == "call" and l["tokens_in"] is not None]
        refused = [l for l in lines if l["event"] == "call" and l.get("learned")]
        assert len(refused) == 1 and refused[0]["status"] == 400, "max_tokens is learned once"
        used = [c["tokens_in"] + c["tokens_out"] for c in calls]
        costs = [price(c) for c in calls]
        assert abs(end["price"] - sum(costs)) < 1e-5 and end["tokens_in"] == sum(c["tokens_in"] for c in calls)
        # What comes before the end is what comes without a limit.
        body = [plain(l) for l in lines[1:-1]]
        assert body == [plain(l) for l in whole[1:len(lines) - 1]], (path, name)
        done = sum(l["event"] in ("evaluation", "invalid") for l in lines)
        assert end["iterations"] == done and end["answers"][-1]["at"] == done
        if name == "roomy":
            assert end["reason"] == "budget" and done == 12
            continue
        expected = {"tokens": "tokens", "cost": "cost", "both": "cost"}[name]
        assert end["reason"] == expected and done < 12, (name, end["reason"], done)
        # The limit is met by the last request, and was not before it.
        if name == "tokens":
            assert sum(used) >= 6000 > sum(used[:-1])
        if name == "cost":
            assert sum(costs) >= 0.09 > sum(costs[:-1])
        if name == "both":
            assert len(calls) == 1 and done == 1
END

for name in tokens both; do
    for jobs in 1 3; do
        "$SEKI" run --quiet $name.json --results "replay$jobs" --transcripts transcripts --jobs $jobs ||
            fail "replay of $name"
        for run in live/$name/*.s*; do
            run=${run#live/}
            cmp <(sed -E '1d; s/"wall_s":[0-9.]+//' "live/$run/run.jsonl") \
                <(sed -E '1d; s/"wall_s":[0-9.]+//' "replay$jobs/$run/run.jsonl") || fail "$run replayed"
        done
    done
done

"$SEKI" report --quiet tokens.json --results live >said || fail "report: $(cat said)"
row() { grep "^| $1 " "live/tables/$2.md"; }
row edit accuracy | grep -Eq '\| +– \|' || fail "a score after 12 iterations: $(row edit accuracy)"
row edit anytime | grep -q 'what the LLM may use ended runs before' || fail "anytime: $(row edit anytime)"
row edit cost | grep -q '12 evaluations or 6000 tokens' || fail "cost: $(row edit cost)"
grep -Eq '^- edit: what the LLM may use was spent after [0-9]+ to [0-9]+ iterations in 2 of 2 runs' \
    live/tables/cost.md || fail "no note: $(cat live/tables/cost.md)"
grep -q '^- edit: cost in EUR, by 10 a million tokens in and 40 out\.' live/tables/cost.md ||
    fail "no currency: $(cat live/tables/cost.md)"
grep -q 'cost/point' live/tables/cost.md || fail "no cost per point"
kill "$pid"; pid=; exec 9>&-
