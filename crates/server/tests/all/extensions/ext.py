"""An extension: registers, subscribes, and tells the test what it hears, a line of JSON each."""

import http.client
import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

name, test, protests = sys.argv[1], sys.argv[2], sys.argv[3] == "protests"
host, port = test.split(":")
stream = socket.create_connection((host, int(port))).makefile("w")
lock = threading.Lock()


def tell(**what):
    with lock:
        stream.write(json.dumps({"extension": name, **what}) + "\n")
        stream.flush()


def end(*_):
    tell(ended=True)
    os._exit(0)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        tell(path=self.path, body=body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(method, path, headers={}, body=None):
    connection = http.client.HTTPConnection(os.getenv("EXTENSION_API_ADDR"))
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def register(name, address):
    headers = {"Content-type": "application/json", "FunctionGraph-Extension-Name": name}
    if address:
        headers["FunctionGraph-Extension-Address"] = address
    return ask("POST", "/extension/register", headers, "anything")


def subscribe(port, **more):
    subscriber = {"protocol": "POST", "uri": f"http://127.0.0.1:{port}"}
    body = {"subscriber": subscriber, "types": ["platform", "function", "extension"], **more}
    return ask("POST", "/telemetry", {}, json.dumps(body))


signal.signal(signal.SIGTERM, end)
server = ThreadingHTTPServer(("127.0.0.1", int(os.getenv("EXTENSION_PORT", "0"))), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = "127.0.0.1:%d" % server.server_address[1]

if protests:
    refused = {
        "no name": ask("POST", "/extension/register", {"FunctionGraph-Extension-Address": address}),
        "no address": register(name, None),
        "another name": register("extensionNobody.sh", address),
        "another host": register(name, "192.0.2.1:8081"),
        "another port": register(name, "127.0.0.1:22"),
        "not registered": subscribe(server.server_address[1]),
    }
    tell(environment=sorted(os.environ), folder=sorted(os.listdir()))
    print("[Extension]hello from " + name, flush=True)
    print("x" * 200_000, flush=True)
tell(registered=register(name, address))
if protests:
    refused |= {
        "again": register(name, address),
        "port of others": subscribe(22),
        "more": subscribe(server.server_address[1], more=1),
        "too long": subscribe(server.server_address[1], more="x" * 20_000),
        "elsewhere": ask("POST", "/extension/next"),
        "get": ask("GET", "/telemetry"),
    }
    tell(subscribed=subscribe(server.server_address[1]))
    refused["subscribed again"] = subscribe(server.server_address[1])
    tell(refused={what: [status, body["errorInfo"]["errorType"]] for what, (status, body) in refused.items()})
threading.Event().wait()
