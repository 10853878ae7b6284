//! Listens, restarts and stops.

use super::control::ControlGuard;
use super::cut::Scissors;
use super::facts::{LabFacts, write_private};
use super::pair::Pair;
use super::tls::{self, Certificates};
use super::world::{Shared, World};
use super::{
    API_CLIENT_ID, API_SECRET, APPLIANCE_PASSWORD, LOGIN_PASSWORD, LabError, LabOptions, PARTNER_SERIAL, USER,
};
use super::{api, appliance, bare, between, control, fault_layer, site, vendor};
use crate::model::Id;
use crate::simulator::{Activity, PairSide};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 128;

/// Runs the whole lab.
pub(super) async fn lab(options: LabOptions, on_ready: impl FnOnce(&LabFacts)) -> Result<(), LabError> {
    let dir = options.dir.clone();
    std::fs::create_dir_all(&dir).map_err(|error| LabError::File(dir.clone(), error))?;
    let dir = dir.canonicalize().map_err(|error| LabError::File(dir, error))?;
    // Its record alone proves nothing: it outlives a lab that was killed.
    if control::answers(&dir) {
        return Err(LabError::Running(dir));
    }
    LabFacts::remove(&dir);
    let certificates = tls::certificates()?;

    let appliance_socket = bound(options.port)?;
    let appliance_port = port_of(&appliance_socket)?;
    let vendor_listener = listening(bound(options.vendor_port)?, options.vendor_port)?;
    let control_listener = listening(bound(0)?, 0)?;
    let appliance_listener = listening(appliance_socket, appliance_port)?;

    let partner_listener = match options.pair {
        true => Some(listening(bound(options.partner_port)?, options.partner_port)?),
        false => None,
    };
    let partner_port = partner_listener.as_ref().map(|listener| listener.local_addr().map_or(0, |a| a.port()));

    let mut facts = facts(&dir, &certificates, appliance_port, &vendor_listener, &control_listener)?;
    facts.partner = partner_port.map(|port| format!("https://localhost:{port}"));
    let pair = partner_port.map(|port| Pair::new(options.sync, [appliance_port, port]));
    let shows = tls::acceptor_of(&certificates.appliance).map_err(|error| LabError::Certificate(error.to_string()))?;
    let world_of = |serial: &str, side, dir| -> Shared {
        let options = LabOptions { dir, ..options.clone() };
        let catalogue = super::catalogue(options.package_bytes);
        let pair = pair.clone().map(|pair| (pair, side));
        Arc::new(World::new(
            options,
            serial.to_owned(),
            pair,
            catalogue,
            (certificates.appliance.clone(), shows.clone()),
        ))
    };
    let world = world_of(&options.serial, PairSide::A, dir.clone());
    let partner =
        partner_listener.map(|listener| (world_of(PARTNER_SERIAL, PairSide::B, dir.join("partner")), listener));
    if let Some((partner, _)) = &partner {
        World::join(&world, partner);
    }

    let mut tasks = JoinSet::new();
    let customers = std::iter::once(&world).chain(partner.as_ref().map(|(partner, _)| partner)).cloned().collect();
    let vendor_pages = vendor::pages(Arc::new(customers));
    let vendor_tls = certificates.vendor;
    tasks.spawn(async move { accept(&vendor_listener, || vendor_tls.clone(), &vendor_pages).await });
    let mut appliances = vec![(world.clone(), appliance_listener)];
    appliances.extend(partner);
    for (each, listener) in appliances {
        let pages = appliance::pages(each.clone()).merge(site::pages(each.clone())).merge(api::pages(each.clone()));
        // From without to within: what stands on the way, what may
        // befall any request, and whether there is a site at all.
        let pages = between::before(fault_layer::around(bare::around(pages, &each), &each), &each);
        tasks.spawn(keep_appliance(each, world.clone(), listener, pages));
    }
    let control_pages = control::pages(world.clone(), ControlGuard::of(&facts, &dir)?);
    let mut controls = JoinSet::new();
    controls.spawn(async move { drop(axum::serve(control_listener, control_pages).await) });

    // Signals are listened for before anybody can know that the lab runs.
    let mut interrupted = std::pin::pin!(interrupted());
    let early = std::future::poll_fn(|context| Poll::Ready(interrupted.as_mut().poll(context).is_ready())).await;
    facts.write(&dir)?;
    on_ready(&facts);
    let mut stop = world.stop.subscribe();
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = interrupted, if !early => {}
        () = std::future::ready(()), if early => {}
    }
    // First what it serves, then its record: whoever waits for that to go finds nothing that answers any more.
    tasks.shutdown().await;
    // The answer to `stop` is still on its way out.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    controls.shutdown().await;
    LabFacts::remove(&dir);
    Ok(())
}

/// Serves the appliance; at each restart the port refuses for a while. The
/// socket stays bound meanwhile, so that nobody else takes the port.
async fn keep_appliance(world: Shared, lab: Shared, mut listener: TcpListener, pages: Router) {
    let port = listener.local_addr().map_or(0, |address| address.port());
    loop {
        tokio::select! {
            () = accept(&listener, || world.acceptor(), &pages) => {}
            () = world.restart.notified() => {}
        }
        drop(listener);
        world.sessions().clear();
        let socket = bound_again(port).await;
        tokio::time::sleep(world.options.restart).await;
        // Off is off, until the lab is reset.
        while matches!(world.device().machine.activity(), Activity::Off) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        {
            let mut device = world.device();
            // One that was ordered in the middle of an install does not end it.
            device.machine.come_up();
            device.record.restarts += 1;
        }
        match listening(socket, port) {
            Ok(again) => listener = again,
            Err(_) => return lab.stop.send_modify(|stop| *stop = true),
        }
    }
}

/// Accepts connections until dropped, which closes them all.
async fn accept(listener: &TcpListener, tls: impl Fn() -> TlsAcceptor, pages: &Router) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(open.spawn(converse(stream, tls(), pages.clone()))),
                // Out of file descriptors, say: wait for some to come back.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            Some(_) = open.join_next() => {}
        }
    }
}

/// One connection from handshake to close. A peer that goes away or speaks
/// something else is its own concern: there is nobody to tell.
async fn converse(stream: TcpStream, tls: TlsAcceptor, pages: Router) {
    let _ = stream.set_nodelay(true);
    let Ok(stream) = tls.accept(stream).await else { return };
    let scissors = Scissors::default();
    let handed = scissors.clone();
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(handed.clone());
        pages.clone().oneshot(request.map(Body::new))
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        () = scissors.is_cut() => {}
    }
}

fn bound(port: u16) -> Result<TcpSocket, LabError> {
    let bind = || {
        let socket = TcpSocket::new_v4()?;
        // As std does: on Windows the option would let others steal the port.
        if cfg!(unix) {
            socket.set_reuseaddr(true)?;
        }
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        Ok(socket)
    };
    bind().map_err(|error| LabError::Port(port, error))
}

async fn bound_again(port: u16) -> TcpSocket {
    loop {
        match bound(port) {
            Ok(socket) => return socket,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

fn port_of(socket: &TcpSocket) -> Result<u16, LabError> {
    socket.local_addr().map(|address| address.port()).map_err(|error| LabError::Port(0, error))
}

fn listening(socket: TcpSocket, port: u16) -> Result<TcpListener, LabError> {
    socket.listen(BACKLOG).map_err(|error| LabError::Port(port, error))
}

fn facts(
    dir: &std::path::Path,
    certificates: &Certificates,
    appliance_port: u16,
    vendor: &TcpListener,
    control: &TcpListener,
) -> Result<LabFacts, LabError> {
    let port = |listener: &TcpListener| {
        listener.local_addr().map(|address| address.port()).map_err(|error| LabError::Port(0, error))
    };
    let facts = LabFacts {
        vendor: format!("https://localhost:{}", port(vendor)?),
        appliance: format!("https://localhost:{appliance_port}"),
        partner: None,
        ca: dir.join("ca.pem"),
        appliance_certificate: dir.join("appliance.pem"),
        appliance_fingerprint: certificates.appliance.fingerprint.clone(),
        appliance_user: USER.to_owned(),
        appliance_password_file: dir.join("appliance.password"),
        login_user: USER.to_owned(),
        login_password_file: dir.join("login.password"),
        key_passphrase_file: dir.join("key.passphrase"),
        api_client_id: API_CLIENT_ID.to_owned(),
        api_secret_file: dir.join("api.secret"),
        control: format!("http://127.0.0.1:{}", port(control)?),
        control_token_file: dir.join("control.token"),
        pid: std::process::id(),
    };
    let write = |path: &std::path::Path, text: &str| {
        std::fs::write(path, text).map_err(|error| LabError::File(path.to_path_buf(), error))
    };
    write(&facts.ca, &certificates.ca_pem)?;
    write(&facts.appliance_certificate, &certificates.appliance_pem)?;
    write_private(&facts.appliance_password_file, format!("{APPLIANCE_PASSWORD}\n").as_bytes())?;
    write_private(&facts.key_passphrase_file, b"lab-key-passphrase\n")?;
    write_private(&facts.login_password_file, format!("{LOGIN_PASSWORD}\n").as_bytes())?;
    write_private(&facts.api_secret_file, format!("{API_SECRET}\n").as_bytes())?;
    write_private(&facts.control_token_file, format!("{}{}\n", Id::random(), Id::random()).as_bytes())?;
    Ok(facts)
}

/// Waits for an interrupt or, where there is such a thing, a termination
/// signal.
async fn interrupted() {
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
