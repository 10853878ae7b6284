//! TLS under the HTTP client, with our own judge of certificates.
//!
//! ureq takes roots but no verifier, so its TLS step is replaced by this one.
//! It adds two things. An early answer is heard: where the other end stops
//! reading a long upload, answers and hangs up, writing fails, but the answer
//! is there to be read. And an end without TLS's goodbye is noted, since a
//! body that only the connection's end delimits could have been cut there.

use std::{
    io::{self, Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use ureq::{
    Error,
    unversioned::transport::{
        Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
    },
};

use super::wire::in_handshake;

/// What TLS adds to a buffer's worth of bytes, at most: the one below it has room for both.
pub(super) const TLS_ROOM_BYTES: usize = 16 * 1024;

/// What became of a connection, for the client to ask afterwards.
#[derive(Debug, Default)]
pub(super) struct ConnectionState {
    /// The other end takes no more of what is being sent.
    pub deaf: AtomicBool,
    /// The connection ended without TLS's goodbye.
    pub cut: AtomicBool,
}

impl ConnectionState {
    /// Forgets what became of the connection before.
    pub fn reset(&self) {
        self.deaf.store(false, Ordering::Relaxed);
        self.cut.store(false, Ordering::Relaxed);
    }
}

/// Puts TLS over the TCP transport that the chain made.
pub(super) struct TlsConnector {
    pub config: Arc<ClientConfig>,
    pub fate: Arc<ConnectionState>,
}

impl std::fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConnector")
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Err(Error::ConnectionFailed);
        };
        if !details.needs_tls() {
            // Only the way to a proxy: what goes through it is under TLS.
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::HostNotFound)?;
        let mut conn = ClientConnection::new(self.config.clone(), name).map_err(io::Error::other)?;
        let mut sock = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        sock.set_timeout(details.timeout);
        conn.complete_io(&mut sock).map_err(in_handshake)?;
        // At least one record's worth: with less, each call would send a record of its own.
        let output_bytes = details.config.output_buffer_size().saturating_sub(TLS_ROOM_BYTES).max(TLS_ROOM_BYTES);
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), output_bytes);
        Ok(Some(Either::B(TlsTransport {
            buffers,
            records: Vec::new(),
            stream: StreamOwned { conn, sock },
            fate: self.fate.clone(),
            write_error: None,
        })))
    }
}

/// A connection under TLS.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    /// TLS records that are sent together: one call each would cost as much
    /// as the encryption.
    records: Vec<u8>,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    fate: Arc<ConnectionState>,
    /// Why writing failed; from then on there is only an answer to be read.
    write_error: Option<Error>,
}

impl std::fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsTransport")
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        // Told as sent: with an error the library would give up, and the answer that explains it is still to be read.
        if self.write_error.is_some() {
            return Ok(());
        }
        self.stream.get_mut().set_timeout(timeout);
        if let Err(error) = self.send(amount) {
            // Noted in the shared state, because the body's reader runs
            // in the client's hands and not in the transport's.
            self.fate.deaf.store(true, Ordering::Relaxed);
            self.write_error = Some(error.into());
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let input = self.buffers.input_append_buf();
        let read = match self.write_error {
            None => self.stream.read(input),
            Some(_) => read_only(&mut self.stream, input),
        };
        match read {
            Ok(amount) => {
                self.buffers.input_appended(amount);
                if amount == 0
                    && let Some(error) = self.write_error.take()
                {
                    // No answer came either, so why writing failed is all there is to tell.
                    return Err(error);
                }
                Ok(amount > 0)
            }
            Err(error) => {
                // That is how rustls tells an end without close_notify (RFC 8446, 6.1).
                if error.kind() == io::ErrorKind::UnexpectedEof {
                    self.fate.cut.store(true, Ordering::Relaxed);
                }
                Err(self.write_error.take().unwrap_or_else(|| error.into()))
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.write_error.is_none() && self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl TlsTransport {
    /// Encrypts what the buffer holds and sends it.
    fn send(&mut self, amount: usize) -> io::Result<()> {
        let TlsTransport { buffers, records, stream: StreamOwned { conn, sock }, .. } = self;
        records.clear();
        let mut rest = &buffers.output()[..amount];
        // `wants_write` is asked as well: answers of TLS itself, such
        // as a key update, wait there without any text of ours.
        while !rest.is_empty() || conn.wants_write() {
            let taken = conn.writer().write(rest)?;
            rest = &rest[taken..];
            while conn.wants_write() {
                conn.write_tls(records)?;
            }
        }
        sock.write_all(records)
    }
}

/// Reads without first trying to send what could not be sent.
fn read_only(stream: &mut StreamOwned<ClientConnection, TransportAdapter>, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.conn.reader().read(into) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return done,
        }
        if stream.conn.read_tls(&mut stream.sock)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        stream.conn.process_new_packets().map_err(io::Error::other)?;
    }
}
