//! What every error owes the person who reads it: what, where, what next.

use super::{Exit, Hint};

/// Tells what to do about an error and which number the run ends with.
///
/// Each folder's own error enum has this from [`explained`], beside its
/// `Display`: the message says what and where, the hint what next.
pub trait Explain: std::error::Error {
    /// The next thing to do, or `None` where the message already says it.
    fn hint(&self) -> Option<Hint>;

    /// The exit code of a run that ends with this error.
    fn exit(&self) -> Exit;
}

/// Makes an error enum an [`Explain`]: `#[apply(explained!)]` above its
/// derives. Beside each variant stand, in this order, its documentation, its
/// message (thiserror's), its hint and its exit; one that lacks any of them
/// does not compile.
///
/// ```text
/// #[error("{user} was not let in at {page}")]
/// #[hint("log in with a browser, then: {AGAIN}")]   as format! takes it, with the fields by name
/// #[exit(LoginRefused)]
/// ```
///
/// - `#[hint(none)]`: the message says it all.
/// - `#[hint(why.next())]`, `#[exit(why.exit())]`: computed of the fields.
/// - `#[hint(|cause| medium_hint(cause))]`: names the fields of a tuple variant.
/// - `#[hint(transparent)]`, `#[exit(transparent)]`: what the one field says, as in thiserror.
macro_rules! explained {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[doc = $doc:literal])*
                #[error $message:tt]
                #[hint $hint:tt]
                #[exit $exit:tt]
                $variant:ident
                $({ $($(#[$on:meta])* $field:ident: $type:ty),+ $(,)? })?
                $(( $($inner:tt)+ ))?
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $(
                $(#[doc = $doc])*
                #[error $message]
                $variant
                $({ $($(#[$on])* $field: $type),+ })?
                $(( $($inner)+ ))?
            ),+
        }

        #[allow(unused_variables, reason = "all fields of a variant are at hand, and not each is used")]
        impl $crate::model::Explain for $name {
            fn hint(&self) -> Option<$crate::model::Hint> {
                match self {
                    $($crate::model::explained!(@variant $name $variant [$($($field)+)?] it $hint) =>
                        $crate::model::explained!(@hint it $hint),)+
                }
            }

            fn exit(&self) -> $crate::model::Exit {
                match self {
                    $($crate::model::explained!(@variant $name $variant [$($($field)+)?] it $exit) =>
                        $crate::model::explained!(@exit it $exit),)+
                }
            }
        }
    };

    // The pattern of a variant, which binds what its hint or exit may name.
    (@variant $name:ident $variant:ident [] $it:ident (transparent)) => { $name::$variant { 0: $it, .. } };
    (@variant $name:ident $variant:ident [] $it:ident (|$a:ident| $($how:tt)+)) => { $name::$variant { 0: $a, .. } };
    (@variant $name:ident $variant:ident [] $it:ident (|$a:ident, $b:ident| $($how:tt)+)) => {
        $name::$variant { 0: $a, 1: $b, .. }
    };
    (@variant $name:ident $variant:ident [$($field:ident)*] $it:ident $how:tt) => {
        $name::$variant { $($field,)* .. }
    };

    (@hint $it:ident (transparent)) => { $crate::model::Explain::hint($it) };
    (@hint $it:ident (none)) => { None };
    (@hint $it:ident (|$($name:ident),+| $($how:tt)+)) => { $crate::model::explained!(@hint $it ($($how)+)) };
    (@hint $it:ident ($text:literal $($fields:tt)*)) => { Some(format!($text $($fields)*).into()) };
    (@hint $it:ident ($how:expr)) => { $crate::model::IntoHint::into_hint($how) };

    (@exit $it:ident (transparent)) => { $crate::model::Explain::exit($it) };
    (@exit $it:ident (|$($name:ident),+| $how:expr)) => { $how };
    (@exit $it:ident ($exit:ident)) => { $crate::model::Exit::$exit };
    (@exit $it:ident ($how:expr)) => { $how };
}
pub(crate) use explained;

/// What a computed hint may be.
pub(crate) trait IntoHint {
    /// The hint, where there is one.
    fn into_hint(self) -> Option<Hint>;
}

impl IntoHint for Option<Hint> {
    fn into_hint(self) -> Option<Hint> {
        self
    }
}

impl IntoHint for &str {
    fn into_hint(self) -> Option<Hint> {
        Some(self.into())
    }
}

impl IntoHint for String {
    fn into_hint(self) -> Option<Hint> {
        Some(self.into())
    }
}
