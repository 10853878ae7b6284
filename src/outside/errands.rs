//! What `fetch` goes for: the codes of requests on a stick, or one by hand,
//! each to a server that is the vendor's.

use super::exchange::FetchRequest;
use super::fetch::{FetchArgs, said};
use super::question::OutsidePrompt;
use super::requests::{self, Standing};
use super::speakers::Speakers;
use super::vault::{Exchange, Vault};
use super::vendor::VendorOrigins;
use crate::cli::{Context, ask_code, is_meant, read_code, secret_file};
use crate::console::Operator;
use crate::model::{ApplianceId, DEFAULT_VENDOR, DownloadCode, Exit, Failure, Id, Kind, RequestRef, text};

/// What is to be fetched anew. A request whose server is not the vendor's ends
/// up in `troubles`, and the others are fetched all the same.
pub(super) fn errands(
    args: &FetchArgs,
    vault: &Vault,
    origins: &VendorOrigins,
    troubles: &mut Vec<Failure>,
    context: &mut Context,
) -> Result<Vec<FetchRequest>, Failure> {
    let mut errands = Vec::new();
    if let Some(media) = &args.media {
        let which = args.request.as_deref();
        let known = vault.exchanges()?;
        let standing = |id: Id| {
            let of = |exchange: &&Exchange| exchange.request.as_ref().is_some_and(|request| request.id == id);
            let sent = known.iter().filter(of).filter(|exchange| exchange.spending.is_some());
            let answered = sent.map(|exchange| exchange.listed.is_some());
            answered.max().map_or(Standing::Fresh, |listed| if listed { Standing::Answered } else { Standing::Spent })
        };
        let mut speakers = Speakers::read(context)?;
        for paper in requests::read_newest(media, which, &standing, &speakers, context)? {
            speakers.hear(&paper.value.status.appliance.serial, &paper, context)?;
            vault.remember(&requests::context(&paper))?;
            let request = paper.value;
            let listed = known.iter().find(|exchange| {
                exchange.listed.is_some()
                    && exchange.closed
                    && exchange.request.as_ref().is_some_and(|r| r.id == request.request)
            });
            if let Some(exchange) = listed {
                // What is told of it must be on the disk.
                vault.carry_on(exchange.id, context.now())?;
                context.console.say(format!(
                    "Request {} for {} was answered by exchange {}; its packages are in the vault",
                    request.request.short(),
                    text::one_line(&request.status.appliance.to_string()),
                    exchange.id.short()
                ));
                continue;
            }
            let whose = match &args.server {
                Some(_) => "--server".to_owned(),
                None => format!("the request {}", request.request.short()),
            };
            // A request tells an appliance's wish. Its signer vouches for an appliance, and for no server.
            let server = args.server.clone().unwrap_or(request.vendor);
            if let Err(error) = origins.admit(&server, &whose) {
                troubles.push(said(error.into(), context, troubles.is_empty()));
                continue;
            }
            let reference = RequestRef { id: request.request, sha256: paper.sha256 };
            let code = match (args.by_hand(), request.code) {
                (true, _) => code_by_hand(args, context)?,
                (false, Some(code)) => code,
                (false, None) => {
                    context.console.note(format!(
                        "Request {} carries no code: it travels on paper, or vendor support gives it",
                        request.request.short()
                    ));
                    code_by_hand(args, context)?
                }
            };
            errands.push(FetchRequest {
                server,
                code,
                appliance: Some(request.status.appliance),
                request: Some(reference),
            });
        }
        return Ok(errands);
    }
    if args.by_hand() {
        let appliance = args.serial.as_ref().map(|serial| ApplianceId {
            serial: serial.clone(),
            model: args.model.clone().unwrap_or_default(),
            host: args.host.clone().unwrap_or_default(),
        });
        let server = args.server.clone().unwrap_or_else(|| DEFAULT_VENDOR.to_owned());
        origins.admit(&server, if args.server.is_some() { "--server" } else { "the default" })?;
        errands.push(FetchRequest { server, code: code_by_hand(args, context)?, appliance, request: None });
    }
    Ok(errands)
}

/// The code that no request carries: out of a file, typed, or asked for.
fn code_by_hand(args: &FetchArgs, context: &mut Context) -> Result<DownloadCode, Failure> {
    let typed = args.code.as_ref().map_or("-", |typed| typed.0.as_str());
    let code = match (&args.code_file, typed) {
        (Some(file), _) => read_code(secret_file(file)?.reveal())?,
        (None, "-") => {
            let mut ask = |context: &mut Context| Ok(context.operator.secret(&OutsidePrompt::Code)?);
            if args.odd_code {
                return read_code(ask(context)?.reveal());
            }
            return ask_code(&mut ask, context).map_err(odd)?.map_or_else(|| read_code(""), Ok);
        }
        (None, text) => {
            context.console.warn(
                "a code on the command line can be seen by other users of this machine; next time give --code alone",
            );
            read_code(text)?
        }
    };
    match args.odd_code || is_meant(&code, context).map_err(odd)? {
        true => Ok(code),
        false => Err(odd(Failure::new(Exit::Declined, "the code was taken back; nothing was sent"))),
    }
}

/// What a person does who knows that an odd code is right.
fn odd(failure: Failure) -> Failure {
    match failure.kind {
        Kind::Declined => failure.hint(
            "compare it with the appliance's Updates page; where it is exactly what stands there, the same command \
             with --odd-code takes it; nothing was sent, and the code is as good as before",
        ),
        _ => failure,
    }
}
