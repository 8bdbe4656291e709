"""Messages about the end of a job: what is sent, when, and how often."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import toysite
from polling import eventually
from small_works import Receiver
from workbench import Workbench, quick_settings

from novel_core.db.engine import session
from novel_core.errors import InvalidSetting, InvalidUrl, UsageError
from novel_core.settings import Settings, load_settings
from novel_core.settings.webhook_url import signing_key
from novel_core.webhooks import (
    deliver_due,
    sending,
    subscribe,
    subscribe_again,
    subscribe_default,
)
from novel_core.webhooks.delivering import SHARE, TOGETHER, due_messages
from novel_core.webhooks.message import signed_headers
from novel_core.webhooks.subscribing import MOST

WORK = f"{toysite.ROOT}/works/1"
DELIVERED, FAILED, GIVEN_UP = (Counter([name]) for name in ("delivered", "failed", "given_up"))


def owe(bench: Workbench, job_id: int, url: str) -> bool:
    with session(bench.database) as opened:
        return subscribe(opened, bench.runtime.settings, job_id, url)


def ended(bench: Workbench, receiver: Receiver, status: str = "done") -> int:
    """A job that has ended, whose end is owed to the receiver."""
    job_id = bench.submit(WORK)
    owe(bench, job_id, receiver.url)
    end(bench, job_id, status)
    return job_id


def end(bench: Workbench, job_id: int, status: str = "done") -> None:
    bench.write(
        "UPDATE jobs SET status = :status, finished_at = now() WHERE id = :id",
        status=status,
        id=job_id,
    )


def deliver(bench: Workbench, settings: Settings | None = None) -> Counter[str]:
    return deliver_due(bench.database, settings or bench.runtime.settings)


def make_due(bench: Workbench) -> None:
    bench.write("UPDATE webhooks SET due_at = now() WHERE due_at IS NOT NULL")


def test_the_end_of_a_job_is_told_once_and_signed(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    owe(bench, job_id, receiver.url)
    assert deliver(bench) == Counter()
    bench.run(job_id)
    assert deliver(bench) == DELIVERED
    assert deliver(bench) == Counter()

    [message] = receiver.received
    headers = message.headers
    key = base64.b64decode("c2VjcmV0IG9mIHRoZSB0ZXN0cw==")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message.body}".encode()
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == bench.runtime.settings.user_agent

    told = json.loads(message.body)
    assert list(told) == ["event", "delivery_id", "created_at", "job"]
    assert told["event"] == "job.done"
    assert told["delivery_id"] == headers["webhook-id"] == str(uuid.UUID(headers["webhook-id"]))
    job = told["job"]
    assert (job["id"], job["status"], job["source_url"]) == (job_id, "done", WORK)
    assert job["novel"] == {"slug": "work-1", "title": "Work 1"}
    assert job["chapters"]["new"] == 1
    assert (job["total"], job["done"], job["failed"]) == (2, 2, 0)
    assert job["finished_at"].endswith("Z")
    [row] = bench.rows("SELECT due_at, delivered_at, last_status, last_error FROM webhooks")
    assert (row[0], row[2], row[3]) == (None, 200, None)
    assert row[1] is not None


def test_the_conventions_own_example() -> None:
    """The example of the Standard Webhooks libraries' documents."""
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = '{"test": 2432232314}'
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_error_is_told_with_its_words(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(f"{toysite.ROOT}/works/9")
    owe(bench, job_id, receiver.url)
    bench.run(job_id)
    assert deliver(bench) == DELIVERED
    told = json.loads(receiver.received[0].body)
    assert (told["event"], told["job"]["error_code"]) == ("job.error", "not_found")
    assert told["job"]["error_message"]


def test_a_failed_attempt_is_repeated_with_the_same_message(
    bench: Workbench, receiver: Receiver
) -> None:
    ended(bench, receiver)
    receiver.status = 503
    assert deliver(bench) == FAILED
    wait = bench.value("SELECT extract(epoch FROM due_at - now()) FROM webhooks")
    assert 4 < wait <= 6
    assert deliver(bench) == Counter()  # not before its time
    make_due(bench)
    assert deliver(bench) == FAILED
    wait = bench.value("SELECT extract(epoch FROM due_at - now()) FROM webhooks")
    assert 29 < wait <= 36
    assert bench.value("SELECT last_error FROM webhooks") == "answered 503"
    receiver.status = 204
    make_due(bench)
    assert deliver(bench) == DELIVERED
    assert len({message.body for message in receiver.received}) == 1
    assert len({message.headers["webhook-id"] for message in receiver.received}) == 1
    assert len(receiver.received) == 3


def test_a_message_nobody_takes_is_given_up_in_the_end(
    bench: Workbench, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    ended(bench, receiver)
    receiver.status = 500
    for _ in range(7):
        assert deliver(bench) == FAILED
        make_due(bench)
    assert deliver(bench) == GIVEN_UP
    assert "given up" in caplog.text
    make_due(bench)
    assert deliver(bench) == Counter()
    row = bench.rows("SELECT attempts, due_at, delivered_at, last_error FROM webhooks")[0]
    assert tuple(row) == (8, None, None, "answered 500")


def test_a_receiver_that_is_gone_is_not_asked_again(bench: Workbench, receiver: Receiver) -> None:
    ended(bench, receiver)
    receiver.status = 410
    assert deliver(bench) == GIVEN_UP
    assert bench.value("SELECT due_at FROM webhooks") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_addresses_are_refused(bench: Workbench, receiver: Receiver, host: str) -> None:
    settings = quick_settings(webhook_secret="secret")
    job_id = bench.submit(WORK)
    owe(bench, job_id, receiver.url.replace("127.0.0.1", host))
    end(bench, job_id)
    assert deliver(bench, settings) == FAILED
    assert receiver.received == []
    assert "private" in bench.value("SELECT last_error FROM webhooks")


def test_redirects_are_not_followed(bench: Workbench, receiver: Receiver) -> None:
    ended(bench, receiver)
    receiver.status, receiver.location = 307, receiver.url
    assert deliver(bench) == FAILED
    assert len(receiver.received) == 1
    assert "redirect" in bench.value("SELECT last_error FROM webhooks")


def test_a_receiver_that_is_not_there(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    owe(bench, job_id, "http://127.0.0.1:9/hook")
    end(bench, job_id)
    assert deliver(bench) == FAILED
    row = bench.rows("SELECT last_status, last_error FROM webhooks")[0]
    assert row[0] is None
    assert row[1]


def test_a_receiver_that_never_answers_costs_a_limited_time(
    bench: Workbench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.2)
    receiver.hold()
    ended(bench, receiver)
    assert deliver(bench) == FAILED
    assert "no answer" in bench.value("SELECT last_error FROM webhooks")


def test_an_endless_answer_is_not_read_to_its_end(bench: Workbench, receiver: Receiver) -> None:
    receiver.endless = True
    ended(bench, receiver)
    assert deliver(bench) == DELIVERED


def test_one_bad_receiver_does_not_hold_up_the_others(bench: Workbench, receiver: Receiver) -> None:
    jobs = [bench.submit(f"{toysite.ROOT}/works/{number}") for number in (1, 2, 3, 4)]
    for number in range(30):
        owe(bench, jobs[number // MOST], f"http://127.0.0.1:9/{number}")
    owe(bench, jobs[-1], receiver.url)
    for job_id in jobs:
        end(bench, job_id)
    assert deliver(bench) == Counter(delivered=1, failed=30)


def test_a_silent_receiver_does_not_take_the_others_turn(
    bench: Workbench, receiver: Receiver
) -> None:
    bench.write(
        "INSERT INTO jobs (source, source_url, url, kind, status)"
        " SELECT 'toysite', 'u' || n, 'u' || n, 'novel', 'done' FROM generate_series(1, 100) AS n"
    )
    bench.write("INSERT INTO webhooks (job_id, url) SELECT id, 'http://127.0.0.1:9/' FROM jobs")
    ended(bench, receiver)
    outcome = deliver(bench)
    assert outcome["delivered"] == 1
    assert outcome["failed"] <= 20
    assert bench.value("SELECT count(*) FROM webhooks WHERE attempts = 0") >= 80
    assert bench.value("SELECT count(*) FROM webhooks WHERE due_at <= now()") == 0


def test_a_url_is_owed_one_message_about_one_end(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    together = threading.Barrier(8)

    def subscribe_at_once(_: int) -> bool:
        together.wait()
        return owe(bench, job_id, receiver.url)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(subscribe_at_once, range(8))) == 1
    assert owe(bench, job_id, f"{receiver.url}?other")


def test_two_processes_do_not_send_the_same_message(bench: Workbench, receiver: Receiver) -> None:
    receiver.hold()
    ended(bench, receiver)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(deliver, bench)
        eventually(lambda: receiver.received)
        assert deliver(bench) == Counter()
        open_transactions = bench.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        )
        assert open_transactions == 0  # nothing is locked while a receiver thinks
        receiver.release()
        assert first.result() == DELIVERED
    assert len(receiver.received) == 1


def test_a_process_that_died_while_sending_leaves_the_message_to_others(
    bench: Workbench, receiver: Receiver
) -> None:
    ended(bench, receiver)
    receiver.status = 500
    assert deliver(bench) == FAILED
    # As if it had been killed before it noted the answer: the claim runs out.
    bench.write("UPDATE webhooks SET due_at = now() - interval '1 second', last_error = NULL")
    receiver.status = 200
    assert deliver(bench) == DELIVERED
    assert len({message.headers["webhook-id"] for message in receiver.received}) == 1


def test_a_job_that_has_joined_another_tells_that_ones_end(
    bench: Workbench, receiver: Receiver
) -> None:
    leader = bench.submit(WORK)
    follower = bench.submit(f"{toysite.ROOT}/c/11")
    owe(bench, follower, receiver.url)
    bench.run(follower)
    assert bench.job(follower).joined_job_id == leader
    assert deliver(bench) == Counter()
    bench.run(leader)
    make_due(bench)
    assert deliver(bench) == DELIVERED
    told = json.loads(receiver.received[0].body)
    assert (told["event"], told["job"]["id"]) == ("job.done", follower)


def test_a_job_opened_again_tells_its_next_end_too(bench: Workbench, receiver: Receiver) -> None:
    job_id = ended(bench, receiver, "error")
    receiver.status = 500
    assert deliver(bench) == FAILED
    bench.write("UPDATE jobs SET status = 'queued', finished_at = NULL")
    with session(bench.database) as opened:
        assert subscribe_again(opened, bench.runtime.settings, job_id) == 1
        assert subscribe_again(opened, bench.runtime.settings, job_id) == 0
    receiver.status = 200
    make_due(bench)
    assert deliver(bench) == DELIVERED  # the first end, though the job is open again
    end(bench, job_id)
    assert deliver(bench) == DELIVERED
    events = [json.loads(message.body)["event"] for message in receiver.received]
    assert events == ["job.error", "job.error", "job.done"]


def test_the_installations_own_url(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    with session(bench.database) as opened:
        assert not subscribe_default(opened, bench.runtime.settings, job_id)
        own = quick_settings(webhook_secret="text", webhook_url=receiver.url)
        assert subscribe_default(opened, own, job_id)
        assert not subscribe_default(opened, own, job_id)
    assert bench.value("SELECT url FROM webhooks") == receiver.url


def test_without_a_secret_nobody_can_be_told(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    bare = quick_settings()
    with session(bench.database) as opened, pytest.raises(InvalidSetting, match="WEBHOOK_SECRET"):
        subscribe(opened, bare, job_id, receiver.url)
    owe(bench, job_id, receiver.url)
    assert deliver(bench, bare) == Counter()
    end(bench, job_id)
    with pytest.raises(InvalidSetting, match="WEBHOOK_SECRET"):
        deliver(bench, bare)
    assert deliver(bench) == DELIVERED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/hook",
        "ftp://example.org/hook",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@example.org/",
        "https://user@example.org/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://example.org/a b",
        "https://../hook",
        "https://-example-.org/hook",
        "https://example.org/\x00",
        "https://example.org/" + "x" * 2048,
    ],
)
def test_a_url_that_cannot_be_told(bench: Workbench, url: str) -> None:
    job_id = bench.submit(WORK)
    with pytest.raises(InvalidUrl):
        owe(bench, job_id, url)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"NOVEL_WEBHOOK_URL": "https://example.org/"}, "NOVEL_WEBHOOK_SECRET"),
        ({"NOVEL_WEBHOOK_URL": "gopher://x", "NOVEL_WEBHOOK_SECRET": "s"}, "NOVEL_WEBHOOK_URL"),
        ({"NOVEL_WEBHOOK_SECRET": "whsec_???"}, "NOVEL_WEBHOOK_SECRET"),
    ],
)
def test_wrong_settings_are_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting, match=named):
        load_settings()


def test_the_secret_is_not_shown() -> None:
    settings = quick_settings(webhook_secret="a-secret-text")
    assert "a-secret-text" not in f"{settings!r} {settings}"


def test_open_jobs_are_not_searched_for(bench: Workbench) -> None:
    """What is due is found by index, however many jobs there were."""
    bench.write(
        "INSERT INTO jobs (source, source_url, url, kind, status)"
        " SELECT 'toysite', 'u' || n, 'u' || n, 'novel', CASE WHEN n <= 500 THEN 'queued' ELSE 'done' END"
        " FROM generate_series(1, 20000) AS n"
    )
    bench.write(
        "INSERT INTO webhooks (job_id, url) SELECT id, 'https://a.example/' FROM jobs WHERE status = 'queued'"
    )
    bench.write("ANALYZE jobs")
    bench.write("ANALYZE webhooks")
    statement = due_messages().compile(bench.database, compile_kwargs={"literal_binds": True})
    plan = [row[0] for row in bench.rows(f"EXPLAIN {statement}")]
    assert not [line for line in plan if "Seq Scan on jobs" in line], plan
    assert deliver(bench) == Counter()


def test_a_job_takes_a_few_webhooks_only(bench: Workbench, receiver: Receiver) -> None:
    job_id = bench.submit(WORK)
    for number in range(MOST):
        owe(bench, job_id, f"{receiver.url}?{number}")
    with pytest.raises(UsageError, match="already"):
        owe(bench, job_id, f"{receiver.url}?more")
    owe(bench, job_id, f"{receiver.url}?0")  # is owed already


def test_many_messages_to_one_host_or_about_one_job_leave_room_for_others(
    bench: Workbench, receiver: Receiver
) -> None:
    crowd = [bench.submit(f"{toysite.ROOT}/works/{number}") for number in (1, 2)]
    last = bench.submit(f"{toysite.ROOT}/works/3")
    for number in range(TOGETHER):
        for job_id, host in ((crowd[0], f"h{number}"), (crowd[1], "busy")):
            bench.write(
                "INSERT INTO webhooks (job_id, url, due_at) VALUES (:job, :url, now() - interval '1 hour')",
                job=job_id,
                url=f"http://{host}.example/{number}",
            )
    owe(bench, last, receiver.url)
    bench.write("UPDATE jobs SET status = 'done', finished_at = now()")
    with session(bench.database) as opened:
        chosen = opened.scalars(due_messages()).all()
        assert Counter(row.job_id for row in chosen) == {crowd[0]: SHARE, crowd[1]: SHARE, last: 1}
