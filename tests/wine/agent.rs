//! A key in an agent, by the named pipe of Windows' own.

use super::Wine;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An agent of this machine with one key.
fn agent(folder: &Path) -> (Running, PathBuf) {
    let socket = folder.join("agent.sock");
    let quiet = |program: &str| {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let agent = Running(quiet("ssh-agent").arg("-D").arg("-a").arg(&socket).spawn().expect("ssh-agent is there"));
    let began = Instant::now();
    while !socket.exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "ssh-agent made no socket");
        std::thread::sleep(Duration::from_millis(10));
    }
    let key = folder.join("key");
    assert!(
        quiet("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().expect("runs").success()
    );
    assert!(quiet("ssh-add").arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).status().expect("runs").success());
    (agent, key.with_extension("pub"))
}

/// Copies what comes to what takes it, to the end.
fn pour(mut from: impl Read + Send + 'static, mut to: impl Write + Send + 'static) {
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
}

/// Has connections to a port of this machine reach the agent.
fn forwarded(socket: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, agent): (TcpStream, _) =
                (client.expect("a client"), UnixStream::connect(&socket).expect("runs"));
            pour(client.try_clone().expect("a handle"), agent.try_clone().expect("a handle"));
            pour(agent, client);
        }
    });
    port
}

#[test]
fn a_key_in_the_agent_of_windows_signs() {
    let wine = Wine::new();
    let (_agent, public) = agent(wine.root.path());
    let port = forwarded(wine.root.path().join("agent.sock")).to_string();
    let mut pipe = wine.command("agent-pipe.exe", &[r"\\.\pipe\openssh-ssh-agent", &port]);
    let mut pipe =
        Running(pipe.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("runs"));
    let mut ready = String::new();
    BufReader::new(pipe.0.stdout.take().expect("piped")).read_line(&mut ready).expect("it says so");
    assert_eq!(ready.trim_end(), "ready");
    std::fs::copy(&public, wine.on_c("key.pub")).expect("copied");
    wine.packaged();
    let told = ["seal", "--appliance", "LAB-1", "--model", "B200", "--host", "support.example.com", "--from", "ana"];
    wine.outside(&[&told[..], &["--agent", r"C:\key.pub", "--write", "E:"]].concat(), "").ends(0);
    let line = std::fs::read_to_string(&public).expect("reads");
    let line = format!("ana namespaces=\"handcarry-bundle\" {}", line.trim_end());
    wine.inside(&["trust", "add", &line], "y\n").ends(0);
    wine.inside(&["verify", "E:"], "").ends(0);
}
