"""Mail servers that send on what they are given, as they run in production: Postfix and Exim from
Debian's packages, unpacked, with a queue of their own and on loopback only."""
import contextlib
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile

import debian
from program import BINARY, until

UNPACKED = pathlib.Path(BINARY).parent / "debian"
OWNER, GROUP = "uucp", "irc"  # of the queue; they are on every Debian system, and own nothing

# What there is of Debian's master.cf: name, type, private, unprivileged, chroot, wakeup, maxproc,
# command. Tilde stands for the address.
SERVICES = """\
~ inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
QUEUES = ("active bounce corrupt defer deferred flush hold incoming private maildrop public pid "
          "saved trace").split()
EXIM = """\
exim_path = {exim}
exim_user = {owner}
exim_group = {group}
deliver_drop_privilege = true
keep_environment = LD_LIBRARY_PATH:LD_PRELOAD:NSS_WRAPPER_PASSWD:NSS_WRAPPER_GROUP
primary_hostname = relay.test
spool_directory = {folder}
log_file_path = {folder}/log/%slog
begin routers
out:
  driver = manualroute
  route_list = * {host}
  self = send
  transport = out
begin transports
out:
  driver = smtp
  port = {port}
{transport}
"""


def free_address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()


class Relay:
    """A folder that its daemons may enter, and what ends them."""

    def __init__(self, prefix):
        assert os.geteuid() == 0, "a mail server like this one is started by root"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
        self.folder.chmod(0o711)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)


class Postfix(Relay):
    """Relays to `server`, a host and a port. Settings are those of main.cf."""

    def __init__(self, server, **settings):
        super().__init__("postfix-")
        root = debian.unpack(UNPACKED / "postfix", "postfix", "libsasl2-modules")
        libraries = debian.libraries(root, root / "usr/lib/postfix")
        sasl = next(root.glob("usr/lib/*/sasl2"))
        self.address = free_address()
        self.queue, self.config = self.folder / "queue", self.folder / "etc"
        self._make_folders()
        self._configure({
            "compatibility_level": "3.6",
            "queue_directory": self.queue, "data_directory": self.folder / "data",
            "command_directory": root / "usr/sbin",
            "daemon_directory": root / "usr/lib/postfix/sbin",
            "shlib_directory": root / "usr/lib/postfix", "meta_directory": self.config,
            "import_environment": f"MAIL_CONFIG LD_LIBRARY_PATH={libraries} SASL_PATH={sasl}",
            "maillog_file": self.queue / "log", "maillog_file_prefixes": "/",
            "mail_owner": OWNER, "setgid_group": GROUP, "default_privs": "nobody",
            "myhostname": "relay.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
            "inet_protocols": "ipv4", "relayhost": "[%s]:%d" % server,
            "alias_maps": "", "alias_database": "", "smtputf8_enable": "yes",
            # A test has no hours to see it try again.
            "minimal_backoff_time": "1s", "maximal_backoff_time": "1s", "queue_run_delay": "1s",
        } | settings)
        shutil.copy(root / "usr/share/postfix/dynamicmaps.cf", self.config)
        self.process = subprocess.Popen(
            [root / "usr/lib/postfix/sbin/master", "-c", self.config, "-d"],
            env=os.environ | {"LD_LIBRARY_PATH": libraries}, stdin=subprocess.DEVNULL)
        until(self._listens)

    def _make_folders(self):
        for name in ("etc", "data", "queue"):
            (self.folder / name).mkdir()
        for name in QUEUES:
            (self.queue / name).mkdir()
            shutil.chown(self.queue / name, OWNER)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            shutil.chown(self.queue / name, OWNER, GROUP)
            (self.queue / name).chmod(mode)
        shutil.chown(self.queue / "pid", "root")
        shutil.chown(self.folder / "data", OWNER)

    def _configure(self, settings):
        main = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self.config / "main.cf").write_text(main)
        (self.config / "master.cf").write_text(SERVICES.replace("~", "%s:%d" % self.address))

    def _listens(self):
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(self.address, 30).close()
            return True

    def client(self):
        return smtplib.SMTP(*self.address, timeout=30)

    def log(self):
        return (self.queue / "log").read_text("utf-8", "replace")

    def await_log(self, text):
        until(lambda: text in self.log())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Exim(Relay):
    """Sends each message it is given to `server` at once; with a CA, inside TLS only."""

    def __init__(self, server, ca=None):
        super().__init__("exim-")
        root = debian.unpack(UNPACKED / "exim", "exim4-daemon-light", "libnss-wrapper")
        self.exim = root / "usr/sbin/exim4"
        self.exim.chmod(0o755)  # without the rights of root it keeps the environment
        (self.folder / "log").mkdir()
        for path in (self.folder, self.folder / "log"):
            shutil.chown(path, OWNER, GROUP)
        self.config = self.folder / "exim.conf"
        self.config.write_text(EXIM.format(
            exim=self.exim, owner=OWNER, group=GROUP, folder=self.folder, host=server[0],
            port=server[1], transport=self._insist_on_tls(ca) if ca else ""))
        self.environment = os.environ | {
            "LD_LIBRARY_PATH": debian.libraries(root),
            "LD_PRELOAD": str(next(root.glob("usr/lib/*/libnss_wrapper.so"))),
            **self._with_users("passwd", "Debian-exim:x:10:10::/:/bin/false"),
            **self._with_users("group", "Debian-exim:x:10:")}

    def _insist_on_tls(self, ca):
        own = shutil.copy(ca, self.folder / "ca.pem")
        return (f"  hosts_require_tls = *\n  tls_verify_certificates = {own}\n"
                f"  tls_verify_hosts = *\n  tls_verify_cert_hostnames =\n")

    def _with_users(self, name, line):
        """It insists on a user by this name."""
        path = self.folder / name
        path.write_text(pathlib.Path("/etc", name).read_text() + line + "\n")
        return {f"NSS_WRAPPER_{name.upper()}": str(path)}

    def send(self, raw, sender, *recipients):
        subprocess.run([self.exim, "-C", self.config, "-odf", "-i", "-f", sender, *recipients],
                       input=raw, env=self.environment, check=True, timeout=60)

    def log(self):
        return (self.folder / "log/mainlog").read_text("utf-8", "replace")

    def stop(self):
        pass
