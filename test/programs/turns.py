"""turns.py FOLDER LOG: a proxy in front of the server at PGHOST that shows round trips.

It listens at a socket in FOLDER. It holds the server's answers until neither side has sent anything
for a while. So a client that waits for an answer before it sends more makes another turn. LOG gets
a line for each turn: the statements that the client has sent in it, or "-".
"""
import os
import selectors
import socket
import sys
import threading

QUIET = 0.2  # seconds


class Statements:
    """Finds the statements in what a client sends (protocol 3.0)."""

    def __init__(self):
        self.buffer = b''
        self.kind_length = 0  # the first message has no kind
        self.prepared = {}

    def read(self, data):
        self.buffer += data
        while len(self.buffer) >= self.kind_length + 4:
            start = self.kind_length
            end = start + int.from_bytes(self.buffer[start:start + 4], 'big')
            if len(self.buffer) < end:
                return
            kind, strings = self.buffer[:start], self.buffer[start + 4:end].split(b'\0')
            self.buffer = self.buffer[end:]
            self.kind_length = 1
            if kind == b'P':
                self.prepared[strings[0]] = strings[1]
            elif kind == b'B':
                yield self.prepared[strings[1]].decode()
            elif kind == b'Q':
                yield strings[0].decode()


def serve(client, log):
    server = socket.socket(socket.AF_UNIX)
    server.connect(os.environ['PGHOST'] + '/.s.PGSQL.5432')
    statements, turn, held = Statements(), [], b''
    selector = selectors.DefaultSelector()
    selector.register(client, selectors.EVENT_READ)
    selector.register(server, selectors.EVENT_READ)
    while True:
        ready = selector.select(QUIET if held else None)
        for key, _ in ready:
            data = key.fileobj.recv(65536)
            if not data:
                server.close()
                client.close()
                return
            if key.fileobj is server:
                held += data
            else:
                turn += statements.read(data)
                server.sendall(data)
        if not ready:
            log.write(('; '.join(turn) or '-') + '\n')
            client.sendall(held)
            turn, held = [], b''


folder, log_path = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(folder + '/.s.PGSQL.5432')
listener.listen()
with open(log_path, 'a', buffering=1) as log_file:
    while True:
        arguments = (listener.accept()[0], log_file)
        threading.Thread(target=serve, args=arguments, daemon=True).start()
