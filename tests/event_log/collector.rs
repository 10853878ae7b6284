//! A real rsyslogd takes the events, and reads their structured data.

use crate::support::home::{Home, word};
use crate::support::said::{OUTSIDE, run};
use crate::support::wait::wait_until;
use serde_json::Value;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What listens: a socket of this machine, and one port for datagrams and streams.
struct Collector {
    process: Child,
    port: u16,
}

impl Collector {
    fn start(folder: &Path) -> Self {
        let port = free_port();
        let at = |name: &str| word(&folder.join(name));
        let config = format!(
            r#"global(workDirectory="{folder}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{socket}" UseSpecialParser="off" ParseHostname="on" RateLimit.Interval="0")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{port}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="{port}")
module(load="mmpstrucdata")
action(type="mmpstrucdata")
template(name="told" type="list") {{
  constant(value="{{")
  property(outname="facility" name="syslogfacility-text" format="jsonf") constant(value=",")
  property(outname="severity" name="syslogseverity-text" format="jsonf") constant(value=",")
  property(outname="program" name="app-name" format="jsonf") constant(value=",")
  property(outname="pid" name="procid" format="jsonf") constant(value=",")
  property(outname="kind" name="msgid" format="jsonf") constant(value=",")
  property(outname="said" name="msg" format="jsonf")
  constant(value=",\"data\":") property(name="$!rfc5424-sd") constant(value="}}\n")
}}
action(type="omfile" file="{out}" template="told")
"#,
            folder = word(folder),
            socket = at("log"),
            out = at("taken"),
        );
        std::fs::write(folder.join("rsyslog.conf"), config).expect("written");
        let mut command = Command::new("/usr/sbin/rsyslogd");
        command.args(["-n", "-f", &at("rsyslog.conf"), "-i", &at("pid")]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("rsyslogd is installed");
        let collector = Collector { process, port };
        wait_until("rsyslogd listens", || {
            folder.join("log").exists() && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        collector
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that neither datagrams nor streams use.
fn free_port() -> u16 {
    loop {
        let stream = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = stream.local_addr().expect("bound").port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// What was taken so far, one message a line.
fn taken(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("taken")).unwrap_or_default();
    text.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn rsyslogd_takes_each_event_and_reads_its_structured_data() {
    let home = Home::new();
    let folder = tempfile::tempdir().expect("a folder");
    let collector = Collector::start(folder.path());
    // What must be escaped, and what is no ASCII, in a name that stands in the event.
    let odd = "a\"b]c\\d=ä";
    let local = word(&folder.path().join("log"));
    let port = collector.port;
    for (at, to) in [local, format!("udp://127.0.0.1:{port}"), format!("tcp://127.0.0.1:{port}")].iter().enumerate() {
        let key = format!("{odd}{at}");
        home.outside(&["--syslog", to, "keygen", "--out", &key, "--principal", "ana", "--no-passphrase"], "").ends(0);
        wait_until("the event arrives", || taken(folder.path()).len() == at + 1);
        let (event, record) = (taken(folder.path()).remove(at), home.events("outside").remove(at));
        assert_eq!((&event["facility"], &event["severity"]), (&"authpriv".into(), &"notice".into()), "{event}");
        assert_eq!((&event["program"], &event["kind"]), (&"handcarry-outside".into(), &"key-made".into()));
        let (data, fields) = (&event["data"]["handcarry@32473"], &record["fields"]);
        for member in ["by", "command", "file", "fingerprint", "principal"] {
            assert_eq!(data[member], fields[member], "{member} of {event}");
        }
        assert!(data["file"].as_str().is_some_and(|file| file.contains("b]c") && file.contains("d=ä")), "{data}");
        assert_eq!(data["encrypted"], "false");
        assert_eq!(
            (data["seq"].as_str(), event["pid"].as_str()),
            (Some(&*(at + 1).to_string()), Some(&*fields["pid"].to_string()))
        );
        let line = std::fs::read_to_string(home.path("home/outside/events.jsonl")).expect("a log");
        let line = line.lines().nth(at).expect("its line");
        assert_eq!(data["sha256"], handcarry::testing::model::Sha256Digest::of(line.as_bytes()).to_string());
        assert!(event["said"].as_str().is_some_and(|said| said.contains("a key to sign with was made: ")), "{event}");
    }
    // The setting of a machine, instead of an option with each command.
    let mut command = home.command(OUTSIDE, &["keygen", "--out", "last", "--no-passphrase"]);
    command.env("HANDCARRY_SYSLOG", folder.path().join("log"));
    run(&mut command, "").ends(0);
    wait_until("the event arrives", || taken(folder.path()).len() == 4);
    // What is printed later reads the same to it as what was sent.
    let printed = home.outside(&["log", "--format", "syslog"], "").ends(0);
    let socket = std::os::unix::net::UnixDatagram::unbound().expect("a socket");
    for line in printed.out.lines() {
        socket.send_to(line.as_bytes(), folder.path().join("log")).expect("sent");
    }
    wait_until("all arrive again", || taken(folder.path()).len() == 8);
    let all = taken(folder.path());
    assert_eq!(all[..4], all[4..]);
}
