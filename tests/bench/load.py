"""A bare load generator: posts one body COUNT times from JOBS threads, each over its own connection,
and prints the seconds that took.

    load.py URL BODY-FILE COUNT JOBS
"""
import http.client, sys, threading, time, urllib.parse

url, body, count, jobs = sys.argv[1], open(sys.argv[2], "rb").read(), int(sys.argv[3]), int(sys.argv[4])
server = urllib.parse.urlsplit(url)
lock, left, failures = threading.Lock(), [count], []


def work():
    connection = http.client.HTTPConnection(server.hostname, server.port)
    while True:
        with lock:
            if not left[0]:
                return
            left[0] -= 1
        connection.request("POST", server.path + "/chat/completions", body,
                           {"Content-Type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            failures.append(reply.status)


threads = [threading.Thread(target=work) for _ in range(jobs)]
begin = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
seconds = time.monotonic() - begin
if failures:
    sys.exit(f"{len(failures)} requests failed, the first with status {failures[0]}")
print(f"{seconds:.3f}")
