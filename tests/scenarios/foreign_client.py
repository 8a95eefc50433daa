"""A client that is not ours: what any other service could do with the public documentation."""

import asyncio
import hashlib
import json
import sys

import nats


async def main(url, warning_file):
    client = await nats.connect(url)
    with open(warning_file, "rb") as file:
        warning = file.read()
    events = await client.subscribe("redress.v1.evt.>")
    await client.flush()

    subject = "redress.v1.cmd.platform.watch.IssueWarning"
    reply = await client.request(subject, warning, timeout=10, headers={"Nats-Msg-Id": "by-hand"})
    accepted = json.loads(reply.data)
    again = await client.request(subject, warning, timeout=10, headers={"Nats-Msg-Id": "by-hand"})

    refused = await client.request(
        subject, b'{"facts": {}}', timeout=10, headers={"Nats-Msg-Id": "by-hand-2"}
    )
    info = await client.request("$SRV.INFO.redress", b"", timeout=10)
    event = await events.next_msg(timeout=10)
    header = event.headers["redress-header"].encode()
    print(json.dumps({
        "accepted": accepted,
        "again": json.loads(again.data),
        "refused": json.loads(refused.data),
        "error_code": refused.headers["Nats-Service-Error-Code"],
        "error": refused.headers["Nats-Service-Error"],
        "info": json.loads(info.data),
        "event_subject": event.subject,
        "event_type": event.headers["ce-type"],
        "event_id": event.headers["ce-id"],
        "datahash_in_header": json.loads(header)["datahash"],
        "datahash_of_data": hashlib.sha256(event.data).hexdigest(),
        "header_is_canonical": json.dumps(
            json.loads(header), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode() == header,
    }))
    await client.close()


asyncio.run(main(sys.argv[1], sys.argv[2]))
