//! Events on their way to a syslog collector.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

/// How long a collector may take to take a message.
// The work waits for it: a collector that is down must not hold up an update.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a collector listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyslogAddress {
    /// A socket of this machine that takes datagrams, such as `/dev/log`.
    Local(PathBuf),
    /// A host and port that take datagrams (RFC 5426).
    Udp(String),
    /// A host and port that take messages, each behind its length (RFC 6587).
    Tcp(String),
}

impl SyslogAddress {
    /// Reads one as it is typed: a path, `udp://HOST:PORT` or `tcp://HOST:PORT`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let at = |address: &str| match address.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) => {
                Ok(address.to_owned())
            }
            _ => Err("it needs a host and a port, such as udp://loghost:514".to_owned()),
        };
        match text.split_once("://") {
            Some(("udp", address)) => at(address).map(SyslogAddress::Udp),
            Some(("tcp", address)) => at(address).map(SyslogAddress::Tcp),
            Some(_) => Err("it is a socket's path, udp://HOST:PORT or tcp://HOST:PORT".to_owned()),
            None if text.is_empty() => Err("it is empty".to_owned()),
            None => Ok(SyslogAddress::Local(PathBuf::from(text))),
        }
    }

    /// Hands one message over.
    ///
    /// # Errors
    /// What the operating system says. A datagram that a network lost is no error.
    pub fn send(&self, message: &str) -> io::Result<()> {
        match self {
            SyslogAddress::Local(path) => send_local(path, message),
            SyslogAddress::Udp(address) => {
                let to = resolved(address)?;
                let any: SocketAddr = match to {
                    SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                    SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
                };
                UdpSocket::bind(any)?.send_to(message.as_bytes(), to).map(drop)
            }
            SyslogAddress::Tcp(address) => {
                let mut stream = TcpStream::connect_timeout(&resolved(address)?, PATIENCE)?;
                stream.set_write_timeout(Some(PATIENCE))?;
                // Behind its length, so that no text ends it early.
                stream.write_all(format!("{} {message}", message.len()).as_bytes())
            }
        }
    }
}

impl std::fmt::Display for SyslogAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SyslogAddress::Local(path) => f.write_str(&crate::model::ShowPath::shown(path.as_path())),
            SyslogAddress::Udp(address) => write!(f, "udp://{}", crate::model::text::one_line(address)),
            SyslogAddress::Tcp(address) => write!(f, "tcp://{}", crate::model::text::one_line(address)),
        }
    }
}

fn resolved(address: &str) -> io::Result<SocketAddr> {
    address.to_socket_addrs()?.next().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

#[cfg(unix)]
fn send_local(path: &std::path::Path, message: &str) -> io::Result<()> {
    let socket = std::os::unix::net::UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.send_to(message.as_bytes(), path).map(drop)
}

#[cfg(not(unix))]
fn send_local(_: &std::path::Path, _: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no such sockets; give udp://HOST:PORT"))
}

/// The name of this machine; empty where the system tells none.
pub fn host() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        use winapi_util::sysinfo::{ComputerNameKind, get_computer_name};
        get_computer_name(ComputerNameKind::DnsHostname)
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_or_a_host_and_port() {
        assert_eq!(SyslogAddress::parse("/dev/log"), Ok(SyslogAddress::Local("/dev/log".into())));
        assert_eq!(SyslogAddress::parse("udp://h:514"), Ok(SyslogAddress::Udp("h:514".to_owned())));
        assert_eq!(SyslogAddress::parse("tcp://[::1]:514"), Ok(SyslogAddress::Tcp("[::1]:514".to_owned())));
        for bad in ["", "udp://h", "udp://:514", "tcp://h:0", "tcp://h:x", "http://h:514"] {
            assert!(SyslogAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
