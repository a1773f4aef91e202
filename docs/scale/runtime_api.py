"""Plays the Lambda Runtime API on loopback for one function, so that its process can be measured event by event."""

import http.server
import os
import queue
import subprocess
import threading

ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "measured",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_LAMBDA_LOG_GROUP_NAME": "measured",
    "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "measured",
    "AWS_SECRET_ACCESS_KEY": "measured",
    "CHAT_TABLE": "chat",
    "CONNECTIONS_TABLE": "connections",
    "JWT_SECRET": "a secret of this measurement",
    "LIVE_CHAT_SCHEDULE": "always",
}


class Function:
    """A bootstrap binary that asks this process for its events."""

    def __init__(self, binary, environment):
        self.events, self.answers = queue.Queue(), queue.Queue()
        events, answers = self.events, self.answers

        class Api(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = events.get()
                if body is None:
                    return self.close()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:0:function:measured")
                self.answer(body)

            def do_POST(self):
                answers.put(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(202)
                self.answer(b"")

            def answer(self, body):
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def close(self):
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{self.api.server_address[1]}"
        environment = {**ENVIRONMENT, **environment, "AWS_LAMBDA_RUNTIME_API": address}
        self.process = subprocess.Popen([binary], env=environment, stdout=subprocess.DEVNULL)

    def invoke(self, event):
        """The function's answer to one event."""
        self.events.put(event)
        return self.answers.get(timeout=30)

    def cpu_ms(self):
        """CPU milliseconds of all its threads so far."""
        return cpu_ms(self.process.pid)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.events.put(None)
        self.api.shutdown()


def cpu_ms(pid):
    """CPU milliseconds of a process's threads so far, to the nanosecond that the scheduler counts."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
            total += int(stat.read().split()[0])
    return total / 1e6
