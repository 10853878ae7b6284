//! A network whose only way out is a proxy: a real one, squid.

use crate::outside::half::Outside;
use crate::outside::vendor::{FORM, LIST, Vendor, VendorAnswer};
use crate::support::said::Said;
use handcarry::testing::model::Exit;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CODE: &str = "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE";
const PASSWORD: &str = "p@ss:w/ü";

/// A squid that knows one user, and one name: update.example.com, which is this machine.
struct Squid {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Squid {
    fn start(bench: &Outside) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        // As root it becomes another user, who must get at its files.
        let dir = bench.path("squid");
        std::fs::create_dir(&dir).expect("a folder");
        for (path, mode) in [(bench.path(""), 0o711), (dir.clone(), 0o777)] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("opened");
        }
        let hash = Command::new("openssl").args(["passwd", "-apr1", PASSWORD]).output().expect("openssl is installed");
        let write = |name: &str, text: String| {
            let path = dir.join(name);
            std::fs::write(&path, text).expect("writes");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("readable");
            path.display().to_string()
        };
        let users = write("users", format!("house\\ana:{}", String::from_utf8_lossy(&hash.stdout)));
        let hosts = write("hosts", "127.0.0.1 update.example.com blocked.example.com\n".to_owned());
        let (log, own) = (dir.join("access.log"), dir.display());
        let squid = write(
            "squid.conf",
            format!(
                "http_port 127.0.0.1:{port}\nvisible_hostname proxy\nhosts_file {hosts}\npid_filename none\n\
                 cache deny all\ncache_mem 8 MB\naccess_log stdio:{}\ncache_log {own}/cache.log\n\
                 netdb_filename none\ncoredump_dir {own}\nshutdown_lifetime 0 seconds\n\
                 auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}\n\
                 acl known proxy_auth REQUIRED\nacl wanted dstdomain update.example.com\n\
                 http_access allow known wanted\nhttp_access deny all\n",
                log.display()
            ),
        );
        let mut command = Command::new("squid");
        command.args(["-N", "-f", &squid]).env("PATH", "/usr/sbin:/usr/local/sbin:/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("squid is installed");
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let told = || std::fs::read_to_string(dir.join("cache.log")).unwrap_or_default();
            assert!(Instant::now() < until, "squid is there within a minute: {}", told());
            std::thread::sleep(Duration::from_millis(50));
        }
        Squid { child, port, log }
    }

    fn at(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Squid {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn vendor(bench: &Outside) -> Vendor {
    bench.vendor(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => VendorAnswer::page(LIST),
        (_, "/file") => VendorAnswer::file(asked, &[0x81; 1 << 20], "\"1\""),
        _ => VendorAnswer::page(FORM),
    })
}

/// Fetches from `host`, which only the proxy finds, with these variables.
fn fetch(bench: &Outside, vendor: &Vendor, host: &str, variables: &[(&str, &str)]) -> Said {
    let server = vendor.url.replace("localhost", host);
    bench.lists(&server);
    let mut command = bench.command(&["fetch", "--code", "--server", &server, "--ca", &vendor.ca]);
    let mut child = command.envs(variables.iter().copied()).spawn().expect("the program starts");
    let _ = child.stdin.take().expect("piped").write_all(CODE.as_bytes());
    let said = Said::from(child.wait_with_output().expect("it ends"));
    for secret in [PASSWORD, "p%40ss", "house"] {
        assert!(!said.out.contains(secret) && !said.err.contains(secret), "{}{}", said.out, said.err);
    }
    said
}

#[test]
fn the_way_out_is_a_proxy_with_a_password() {
    let bench = Outside::new();
    let (squid, vendor) = (Squid::start(&bench), vendor(&bench));
    let right = squid.at("house%5Cana:p%40ss%3Aw%2F%C3%BC@");
    // Without it the name is not even found.
    assert!(fetch(&bench, &vendor, "update.example.com", &[]).code != 0);
    assert_eq!(squid.log().matches("CONNECT").count(), 0);
    let said = fetch(&bench, &vendor, "update.example.com", &[("HTTPS_PROXY", &right)]).ends(0);
    assert!(said.out.contains("Base 3.4.0"), "{}{}", said.out, said.err);
    let log = squid.log();
    assert!(log.contains("CONNECT update.example.com:") && log.contains("TCP_TUNNEL/200"), "{log}");
    // A password as it is typed, and the variable for everything.
    let typed = squid.at(&format!("house\\ana:{PASSWORD}@"));
    let other = Outside::new();
    fetch(&other, &vendor, "update.example.com", &[("ALL_PROXY", &typed)]).ends(0);
    // What NO_PROXY names goes there without it, and this machine itself always does.
    let tunnels = squid.log().matches("CONNECT").count();
    let none = [("HTTPS_PROXY", right.as_str()), ("NO_PROXY", ".example.com")];
    assert!(fetch(&Outside::new(), &vendor, "update.example.com", &none).code != 0);
    fetch(&Outside::new(), &vendor, "localhost", &[("HTTPS_PROXY", &right)]).ends(0);
    assert_eq!(squid.log().matches("CONNECT").count(), tunnels);
}

#[test]
fn a_proxys_refusal_is_told_as_the_proxys() {
    let bench = Outside::new();
    let (squid, vendor) = (Squid::start(&bench), vendor(&bench));
    let right = squid.at("house%5Cana:p%40ss%3Aw%2F%C3%BC@");
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    for (proxy, host, why) in [
        (squid.at(""), "update.example.com", "it wants a user name and password (407)"),
        (
            squid.at("house%5Cana:wrong@"),
            "update.example.com",
            "it refuses the user name or password it was given (407)",
        ),
        (right.clone(), "blocked.example.com", "it does not let this machine go there (403)"),
        (format!("http://127.0.0.1:{gone}"), "update.example.com", "refused"),
    ] {
        let said = fetch(&bench, &vendor, host, &[("HTTPS_PROXY", &proxy)]).ends(Exit::ProxyRefused);
        assert!(said.err.contains("the proxy http://127.0.0.1:") && said.err.contains(why), "{why}: {}", said.err);
        assert!(said.err.contains("says nothing of that server"), "{}", said.err);
        assert!(said.err.contains("the code was not sent and is as good as before"), "{}", said.err);
    }
    // Behind the proxy nobody answers: that is the proxy's word, too.
    let mut dead = vendor;
    dead.url = format!("https://localhost:{gone}");
    let said = fetch(&bench, &dead, "update.example.com", &[("HTTPS_PROXY", &right)]).ends(Exit::ProxyRefused);
    assert!(said.err.contains("it could not reach that server (503)"), "{}", said.err);
    let said =
        fetch(&bench, &dead, "update.example.com", &[("HTTPS_PROXY", "socks5://house:p%40ss@127.0.0.1:1")]).ends(3);
    assert!(said.err.contains("HTTPS_PROXY") && said.err.contains("SOCKS"), "{}", said.err);
}

/// The restricted network has no way out, so nothing of the inside may look for one.
#[test]
fn the_inside_knows_no_proxy() {
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(&src).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let (outside, web) = (entry.path().starts_with(src.join("outside")), entry.path().starts_with(src.join("web")));
        seen += usize::from(outside && text.contains("Client::through"));
        let mentions = ["Client::through", "also_from", "_PROXY", "_proxy", "Proxy::"];
        let found = mentions.iter().find(|word| text.contains(**word));
        // A phrase book has what both programs say, and no program in it.
        let words = entry.path().starts_with(src.join("language/pt"));
        assert!(outside || web || words || found.is_none(), "{}: {found:?}", entry.path().display());
        assert!(!web || !text.contains("env::var"), "{}", entry.path().display());
    }
    assert_eq!(seen, 1, "the outside's one client goes through it");
}
