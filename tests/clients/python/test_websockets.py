"""The chat with `websockets`, Python's usual library, without code of ours in between."""

import asyncio
import json
import unittest

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_blocking

from chat import LIMIT_S, Gateway, Socket


class Chat(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.stop)
        self.ann, self.bob = self.gateway.token("Ann"), self.gateway.token("Bob")

    def join(self, token, query=""):
        """As in the guide: the token in the URL."""
        return Socket(f"{self.gateway.address}?token={token}{query}")

    async def test_two_people_chat(self):
        async with self.join(self.ann) as ann, self.join(self.bob) as bob:
            await ann.say(type="message", message="Grüße 👋", client_message_id="k1")
            ack = await ann.until(type="ack", client_message_id="k1")
            for socket in (ann, bob):
                message = (await socket.until(type="new_message"))["message"]
                self.assertEqual((message["id"], message["message"]), (ack["message_id"], "Grüße 👋"))
                self.assertEqual((message["user_id"], message["username"]), ("ann", "Ann"))
            await bob.say(type="message", message="Hello Ann")
            self.assertFalse((await bob.until(type="ack"))["duplicate"])
            await ann.until(type="viewer_count_update", viewer_count=2)
            self.assertEqual(await ann.texts(2), ["Grüße 👋", "Hello Ann"])

    async def test_the_same_key_is_sent_once(self):
        async with self.join(self.ann) as ann:
            for duplicate in (False, True):
                await ann.say(type="message", message="once", client_message_id="k1")
                await ann.until(type="ack", duplicate=duplicate)
            await ann.say(type="message", message="last")
            await ann.until(type="ack", client_message_id=None)
            await ann.say(type="resume", after=0)
            messages = (await ann.until(type="resumed"))["messages"]
            self.assertEqual([message["message"] for message in messages], ["once", "last"])

    async def test_the_token_goes_as_a_subprotocol_of_which_bearer_alone_comes_back(self):
        async with Socket(self.gateway.address, subprotocols=["bearer", self.ann]) as ann:
            self.assertEqual(ann.ws.subprotocol, "bearer")
            await ann.say(type="message", message="by subprotocol")
            await ann.until(type="ack")

    async def test_a_ping_is_answered_with_the_numbers(self):
        async with self.join(self.ann) as ann:
            await ann.say(type="ping")
            pong = await ann.until(type="pong")
            self.assertEqual((pong["last_seq"], pong["viewer_count"], pong["total_likes"]), (0, 1, 0))
            # The protocol's own ping, which the library sends automatically every 20 s.
            await asyncio.wait_for(await ann.ws.ping(), LIMIT_S)

    async def test_what_was_missed_is_resumed(self):
        async with self.join(self.bob) as bob:
            for number in range(3):
                await bob.say(type="message", message=f"missed {number}", client_message_id=str(number))
                await bob.until(type="ack", client_message_id=str(number))
        async with self.join(self.ann) as ann:
            await ann.say(type="resume", after=1)
            resumed = await ann.until(type="resumed")
            self.assertEqual([message["seq"] for message in resumed["messages"]], [2, 3])
            self.assertTrue(resumed["complete"])

    async def test_one_who_asks_for_batches_gets_some_in_a_busy_chat_and_loses_nothing(self):
        async with self.join(self.ann, "&batch=1") as ann, self.join(self.bob) as bob:
            # Whether two events share a frame is chance. Five bursts make it almost certain, and use 50 of the 60 frames that a
            # socket may send in a minute.
            texts = []
            for burst in range(5):
                for number in range(10):
                    texts.append(f"{burst} {number}")
                    await bob.say(type="message", message=texts[-1], client_message_id=texts[-1])
                told = await ann.texts(len(texts))
                if any(frame["type"] == "batch" for frame in ann.frames):
                    break
            self.assertIn("batch", [frame["type"] for frame in ann.frames])
            self.assertEqual(sorted(told), sorted(texts))

    async def test_what_is_no_frame_gets_an_error_and_the_socket_stays_open(self):
        async with self.join(self.ann) as ann:
            for text in ("no json", "null", "[]", '{"type":"shout"}'):
                ann.frames.clear()
                await ann.ws.send(text)
                await ann.until(type="error", code="invalid_request")
            await ann.say(type="message", message=" ", client_message_id="empty")
            await ann.until(type="error", code="invalid_message", client_message_id="empty")
            await ann.say(type="message", message="still here")
            await ann.until(type="ack")

    async def test_one_who_leaves_is_no_longer_counted(self):
        async with self.join(self.ann) as ann:
            async with self.join(self.bob) as bob:
                await ann.until(type="viewer_count_update", viewer_count=2)
                ann.frames.clear()
            self.assertEqual(bob.ws.close_code, 1000)
            await ann.until(type="viewer_count_update", viewer_count=1)

    async def test_a_gateway_that_stops_closes_with_going_away(self):
        async with self.join(self.ann) as ann:
            await asyncio.to_thread(self.gateway.end)
            with self.assertRaises(ConnectionClosed) as closed:
                await ann.until(type="never")
            self.assertEqual(closed.exception.rcvd.code, 1001)

    async def test_nobody_comes_in_without_a_token(self):
        for query in ("", "?token=nonsense"):
            with self.assertRaises(InvalidStatus) as refused:
                async with Socket(self.gateway.address + query):
                    pass
            self.assertEqual(refused.exception.response.status_code, 401)

    def test_the_blocking_client_chats_too(self):
        with connect_blocking(f"{self.gateway.address}?token={self.ann}", proxy=None) as ws:
            ws.send(json.dumps({"type": "message", "message": "Hello everyone!"}))
            seen = set()
            while not {"ack", "new_message"} <= seen:
                seen.add(json.loads(ws.recv(timeout=LIMIT_S))["type"])


if __name__ == "__main__":
    unittest.main()
