"""Whatever the tables hold, the check answers with messages and never with a traceback."""

import csv
import io
import shutil

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger import DATA
from ledger.check import check_ledger
from ledger.tables import read_schema, table_resources

TABLES = table_resources(read_schema())
text = st.text(max_size=30) | st.sampled_from(
    ["", "C-0001", "2024-13", "1,000", "-5", "nan", "\x00", "é\u202e", '"', "\r\n"]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_random_tables_are_answered_with_messages(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("random")
    for path in DATA.glob("*.*"):
        shutil.copy(path, folder)
    resource = data.draw(st.sampled_from(TABLES))
    header = [f["name"] for f in resource["schema"]["fields"]]
    rows = data.draw(st.lists(st.lists(text, min_size=len(header) - 1, max_size=len(header) + 1), max_size=4))
    if data.draw(st.booleans()):
        (folder / resource["path"]).write_bytes(data.draw(st.binary(max_size=200)))
    else:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
        (folder / resource["path"]).write_text(
            buffer.getvalue(), encoding="utf-8", errors="surrogatepass", newline=""
        )
    for problem in check_ledger(folder):
        assert str(problem).startswith(problem.file)
        assert problem.line >= 1
        assert problem.message
    shutil.rmtree(folder)
