//! A request on a stick, as the inside would have made it.

use handcarry::testing::cli::write_paper;
use handcarry::testing::model::{ApplianceId, DownloadCode, FileName, Id, Request, Status, Timestamp, Version};
use handcarry::testing::trust::{Namespace, Signer};
use std::path::Path;

/// Puts a signed request onto a stick, made `ago` seconds ago, of an appliance
/// as a lab's is before its first trip; returns its id.
pub fn request(
    stick: &Path,
    signer: &Signer,
    appliance: ApplianceId,
    vendor: &str,
    code: Option<&str>,
    ago: i64,
) -> Id {
    let request = Request {
        format: 1,
        request: Id::random(),
        created: Timestamp::now().plus_secs(-ago),
        status: Status {
            appliance,
            base_version: Version::parse("3.3.2"),
            site_version: Version::parse("10.5.3"),
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: false,
            typed: false,
        },
        vendor: vendor.to_owned(),
        code: code.map(|code| DownloadCode::parse(code).expect("a code")),
    };
    let stem = FileName::from_foreign(&format!("{}-{}", request.status.appliance.serial, request.request.short()));
    write_paper(&stick.join("handcarry/requests"), &stem, &request, Namespace::Request, signer).expect("writes");
    request.request
}
