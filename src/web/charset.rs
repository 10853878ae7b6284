//! From bytes to text, when servers are wrong about their own character set.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page a `<meta charset>` is looked for, in bytes; the HTML
/// standard says 1024, real pages have comments before it.
const META_BYTES: usize = 4096;

/// A page's text, and how it was read.
pub(super) struct Decoded {
    pub text: String,
    /// What a form of this page is sent in.
    pub encoding: &'static Encoding,
    /// Set where the page's own word on its character set was wrong.
    pub doubt: Option<String>,
}

/// Decodes a page. A byte order mark counts most, then what the bytes
/// themselves prove (several bytes that are valid UTF-8 are UTF-8, whatever is
/// declared), then the header, then `<meta>`; what none of them explains is
/// read as Windows-1252, and said so.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> Decoded {
    // A byte order mark was put there by what wrote the text, and the header by what only sends it.
    if let Some((encoding, bom_bytes)) = Encoding::for_bom(body) {
        let (text, _) = encoding.decode_without_bom_handling(&body[bom_bytes..]);
        return Decoded { text: text.into_owned(), encoding: encoding.output_encoding(), doubt: None };
    }
    let declared = content_type.and_then(charset_parameter).or_else(|| meta_charset(body));
    // A page of pure ASCII reads the same in all of these, so it raises
    // no doubt, and nothing is claimed to be wrong with it.
    if !body.is_ascii()
        && let Ok(text) = std::str::from_utf8(body)
    {
        let doubt = declared.filter(|d| *d != UTF_8).map(|d| doubt(d, UTF_8));
        return Decoded { text: text.to_owned(), encoding: UTF_8, doubt };
    }
    let wanted = declared.unwrap_or(if body.is_ascii() { UTF_8 } else { WINDOWS_1252 });
    // `decode` would look for a byte order mark again, and let it overrule what was found.
    let (text, malformed) = wanted.decode_without_bom_handling(body);
    if !malformed {
        return Decoded { text: text.into_owned(), encoding: wanted.output_encoding(), doubt: None };
    }
    // Windows-1252 has a character for every byte, so this reads whatever it is.
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(body);
    Decoded { text: text.into_owned(), encoding: WINDOWS_1252, doubt: Some(doubt(wanted, WINDOWS_1252)) }
}

fn doubt(declared: &'static Encoding, read_as: &'static Encoding) -> String {
    format!("it says it is {}, but could only be read as {}", declared.name(), read_as.name())
}

fn charset_parameter(content_type: &str) -> Option<&'static Encoding> {
    let at = content_type.to_ascii_lowercase().find("charset=")?;
    let rest = content_type.get(at + "charset=".len()..)?;
    let label = rest.trim_start_matches([' ', '"', '\'']).split([';', '"', '\'', ' ', '>', '/']).next()?;
    Encoding::for_label(label.as_bytes())
}

fn meta_charset(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(META_BYTES)]).to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|meta| {
        let tag = &meta[..meta.find('>')?];
        // A page that could say so in single bytes is not in UTF-16.
        charset_parameter(tag).map(|e| if e.output_encoding() == e { e } else { UTF_8 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_have_the_last_word() {
        let latin = b"Atualiza\xE7\xF5es";
        let utf8 = "Atualizações".as_bytes();
        for (body, header, doubted) in [
            (&latin[..], Some("text/html; charset=ISO-8859-1"), false),
            (&latin[..], Some("text/html; charset=utf-8"), true),
            (&latin[..], None, false),
            (utf8, Some("text/html; charset=\"utf-8\""), false),
            (utf8, Some("text/html;charset=iso-8859-1"), true),
            (utf8, Some("text/html; charset=nonsense"), false),
        ] {
            let decoded = decode(body, header);
            assert_eq!(decoded.text, "Atualizações", "{header:?}");
            assert_eq!(decoded.doubt.is_some(), doubted, "{header:?}");
        }
    }

    #[test]
    fn a_meta_tag_and_a_byte_order_mark_are_heeded() {
        let mut body = b"<html><head><meta charset='windows-1251'>".to_vec();
        body.extend(b"\xCF\xF0");
        assert!(decode(&body, None).text.ends_with("Пр"));
        assert_eq!(decode(b"\xFF\xFEA\0", Some("text/html; charset=utf-8")).text, "A");
        assert_eq!(decode(b"<meta charset=utf-16>plain", None).text, "<meta charset=utf-16>plain");
    }
}
