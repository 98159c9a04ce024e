"""The local BigQuery's uploads: what has come is kept until it is loaded, and its answer for who asks again."""

from local.bigquery.uploads import Uploads


def test_what_was_loaded_is_kept_no_longer() -> None:
    """Who has not got the answer asks again, by a piece or by a question, and loads nothing twice."""
    uploads = Uploads()
    name = uploads.begin({"jobReference": {"jobId": "1"}})
    upload, is_whole = uploads.take(name, "bytes 0-3/4", b"rows")
    assert (bytes(upload.content), is_whole) == (b"rows", True)

    uploads.done(upload, {"status": "DONE"})

    assert not upload.content
    for content_range, piece in (("bytes 0-3/4", b"rows"), ("bytes */4", b"")):
        again, is_whole = uploads.take(name, content_range, piece)
        assert (again.answer, bytes(again.content), is_whole) == ({"status": "DONE"}, b"", True)
