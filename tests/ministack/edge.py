"""The thin edge: one origin for the page and both APIs. MiniStack's CloudFront serves the page and the REST calls, by the
template's own distribution; it does not support sockets, so they go from here straight to the WebSocket API.

Usage: edge.py DEPLOYMENT ADDRESS, with MINISTACK_URL in the environment. It takes a free port, and writes its address to
the file ADDRESS once it is listening.
"""

import asyncio
import json
import pathlib
import sys
import urllib.parse

import aiohttp
import yarl
from aiohttp import web

import cloud

ROOT = pathlib.Path(__file__).resolve().parents[2]
# As in edge/rewrite.js: all other parameters are dropped.
KEPT = ("token", "ticket", "batch")
# Hop-by-hop headers, which belong to a connection rather than the request. The Host is the edge's own, as in the cloud.
NOT_FORWARDED = {"host", "connection", "upgrade", "keep-alive", "transfer-encoding", "content-length", "te", "trailer"}


class Edge:
    """Routes requests."""

    def __init__(self, deployment, session):
        ids = deployment["ids"]
        self.session = session
        self.sockets = f"{cloud.endpoint()}/_aws/execute-api/{ids['SocketApi']}/{deployment['stage']}"
        self.connect_function = f"{ids['WsConnectFunction']}:live"
        distribution = cloud.client("cloudfront").get_distribution(Id=ids["Distribution"])["Distribution"]
        # MiniStack finds a distribution by its host name, and trusts this header that the viewer used TLS.
        self.viewer = [("Host", distribution["DomainName"]), ("X-Forwarded-Proto", "https")]
        self.origin_headers = cloud.origin_headers(ids["Distribution"])

    async def forward(self, request):
        """Requests other than sockets go through the distribution: method, path, query, headers and body unchanged."""
        url = yarl.URL(cloud.endpoint() + request.raw_path, encoded=True)
        headers = forwarded(request.headers) + self.viewer
        body = await request.read()
        async with self.session.request(
            request.method, url, headers=headers, data=body, allow_redirects=False
        ) as answer:
            return web.Response(status=answer.status, headers=forwarded(answer.headers), body=await answer.read())

    async def socket(self, request):
        """A socket: the path's session moves into the query, because a WebSocket API has no path below its stage."""
        query = {"session_id": request.match_info["id"]}
        query.update({name: request.query[name] for name in KEPT if name in request.query})
        offered = [name.strip() for name in request.headers.get("sec-websocket-protocol", "").split(",") if name.strip()]
        url = f"{self.sockets}?{urllib.parse.urlencode(query)}"
        try:
            inner = await self.session.ws_connect(
                url, headers=self.origin_headers, protocols=offered, max_msg_size=0, autoping=False
            )
        except aiohttp.WSServerHandshakeError as refusal:
            return web.json_response({"message": "Refused"}, status=await self.reason(query, offered, refusal.status))
        outer = web.WebSocketResponse(protocols=[inner.protocol] if inner.protocol else (), max_msg_size=0, autoping=False)
        await outer.prepare(request)
        await asyncio.gather(pump(outer, inner), pump(inner, outer))
        return outer

    async def reason(self, query, offered, status):
        """The status with which ws-connect refuses: MiniStack always answers 403, so the function is invoked again."""
        event = json.loads((ROOT / "events/ws-connect.json").read_text())
        event["queryStringParameters"] = query
        event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
        event["headers"] |= self.origin_headers
        if offered:
            event["headers"]["Sec-WebSocket-Protocol"] = ", ".join(offered)
        client = cloud.client("lambda")
        answer = await asyncio.to_thread(
            client.invoke, FunctionName=self.connect_function, Payload=json.dumps(event).encode()
        )
        given = json.loads(await asyncio.to_thread(answer["Payload"].read)).get("statusCode", status)
        return given if given >= 400 else status


async def pump(source, sink):
    """Forwards frames from one side to the other, including pings and the close."""
    async for message in source:
        if message.type == aiohttp.WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            await sink.send_bytes(message.data)
        elif message.type == aiohttp.WSMsgType.PING:
            await source.pong(message.data)
    await sink.close(code=source.close_code or aiohttp.WSCloseCode.OK)


def forwarded(headers):
    return [(name, value) for name, value in headers.items() if name.lower() not in NOT_FORWARDED]


async def main(deployment, address):
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        edge = Edge(json.loads(pathlib.Path(deployment).read_text()), session)
        app = web.Application()
        app.router.add_get("/live-chat/ws/{id:[0-9]+}", edge.socket, allow_head=False)
        app.router.add_route("*", "/{path:.*}", edge.forward)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        pathlib.Path(address).write_text(f"http://127.0.0.1:{port}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
