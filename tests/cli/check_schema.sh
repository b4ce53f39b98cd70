#!/bin/sh
# Every experiment that is shipped or used in tests fits the schema that editors get; bad ones do not.
python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null || exit 77
"$SEKI" check --schema >schema.$$ || exit 1
python3 - schema.$$ "$srcdir" <<'PYTHON'
import glob, json, sys
import jsonschema
schema, tree = json.load(open(sys.argv[1])), sys.argv[2]
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failed = False
good = glob.glob(tree + "/experiments/*.json") + glob.glob(tree + "/tests/experiment/*.json")
for path in good:
    for error in validator.iter_errors(json.load(open(path))):
        print(f"{path}: {error.json_path}: {error.message}")
        failed = True
for name in ("unknown-key", "wrong-types", "unknown-strategy", "out-of-range", "bad-label",
             "patch-of-unknown-key", "terminal-codes", "bad-name", "bad-axis", "wrong-version"):
    path = f"{tree}/tests/experiment/bad/{name}/input.json"
    if validator.is_valid(json.load(open(path))):
        print(f"{path}: the schema takes it")
        failed = True
sys.exit(failed or not good)
PYTHON
status=$?
rm -f schema.$$
exit $status
