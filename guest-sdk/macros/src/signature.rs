//! What may stand below an attribute, and what to write instead where something else does.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Error, FnArg, GenericParam, ItemFn, PatType, Result, ReturnType, Type, TypeReference, TypeSlice, parse_quote,
};

use crate::contract::Role;

/// A function that fits its role.
pub(crate) struct Signature {
    pub(crate) name: Ident,
    /// The name in kebab case, under which the component exports the function.
    pub(crate) export: String,
    pub(crate) event: Option<Event>,
    /// Where the function takes the context, if it does.
    pub(crate) context: Option<Span>,
    pub(crate) outcome: Outcome,
    /// Where the function says what it returns. Errors about the answer point there.
    pub(crate) answer: Span,
}

/// How a handler takes its event.
pub(crate) enum Event {
    /// `&[u8]`
    Bytes,
    /// `&str`
    Text,
    /// `&T`, which is lent from a `T`, and `&[T]`, which is lent from a `Vec<T>`
    Borrowed(Type),
    /// `T`
    Owned(Type),
}

/// What a function returns.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    Plain,
    Fallible,
}

impl Signature {
    pub(crate) fn parse(role: Role, function: &ItemFn) -> Result<Self> {
        plain_function(function)?;
        let (event, context) = parameters(role, function)?;
        let outcome = outcome(role, &function.sig.output)?;
        Ok(Self {
            name: function.sig.ident.clone(),
            export: export_name(&function.sig.ident)?,
            event,
            context,
            outcome,
            answer: match &function.sig.output {
                ReturnType::Type(_, returned) => returned.span(),
                ReturnType::Default => function.sig.ident.span(),
            },
        })
    }
}

/// Rejects what makes a function more than a plain one.
fn plain_function(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    if let Some(keyword) = &signature.asyncness {
        return Err(Error::new_spanned(keyword, "an exported function cannot be `async`: write a plain `fn`"));
    }
    if let Some(keyword) = &signature.unsafety {
        return Err(Error::new_spanned(keyword, "an exported function cannot be `unsafe`: write a plain `fn`"));
    }
    if let Some(abi) = &signature.abi {
        return Err(Error::new_spanned(abi, "the attribute chooses the ABI: write a plain `fn`"));
    }
    // Lifetimes are fine, they leave one function for the host to call.
    let generic = signature.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(generic) = generic {
        return Err(generic_function(generic));
    }
    let parameters = signature.inputs.iter().filter_map(|parameter| match parameter {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let returned = match &signature.output {
        ReturnType::Type(_, returned) => Some(&**returned),
        ReturnType::Default => None,
    };
    match parameters.chain(returned).find(|part| matches!(part, Type::ImplTrait(_))) {
        Some(generic) => Err(generic_function(generic)),
        None => Ok(()),
    }
}

fn generic_function(part: impl ToTokens) -> Error {
    Error::new_spanned(
        part,
        "an exported function cannot be generic, since the host knows no types: write the concrete type",
    )
}

/// The event, which handlers have, and where the context is asked for.
fn parameters(role: Role, function: &ItemFn) -> Result<(Option<Event>, Option<Span>)> {
    let mut parameters = Vec::new();
    for parameter in &function.sig.inputs {
        match parameter {
            FnArg::Receiver(receiver) => {
                return Err(Error::new_spanned(
                    receiver,
                    "an exported function has no `self`, since the host has no value to call it on: \
                     write a function outside of `impl`",
                ));
            }
            FnArg::Typed(typed) => parameters.push(typed),
        }
    }
    match (role, parameters.as_slice()) {
        (Role::Handler, [event]) => Ok((Some(self::event(event)?), None)),
        (Role::Handler, [event, context]) => Ok((Some(self::event(event)?), Some(self::context(context)?))),
        (Role::Handler, []) => Err(Error::new(
            function.sig.paren_token.span.join(),
            "a handler takes the event: write `(event: T)` or `(event: T, ctx: &Context)`",
        )),
        (Role::Handler, [_, _, surplus, ..]) => Err(Error::new_spanned(
            surplus,
            "a handler takes the event and the context, no more: write `(event: T, ctx: &Context)`",
        )),
        (Role::Initializer | Role::PreStop, []) => Ok((None, None)),
        (Role::Initializer | Role::PreStop, [context]) => Ok((None, Some(self::context(context)?))),
        (Role::Initializer | Role::PreStop, [_, surplus, ..]) => {
            Err(Error::new_spanned(surplus, "no event comes here, only the context: write `()` or `(ctx: &Context)`"))
        }
    }
}

fn event(parameter: &PatType) -> Result<Event> {
    let Type::Reference(TypeReference { mutability, elem: target, .. }) = &*parameter.ty else {
        return Ok(Event::Owned((*parameter.ty).clone()));
    };
    if mutability.is_some() {
        return Err(Error::new_spanned(
            &parameter.ty,
            "the event cannot be a `&mut`: take it by value, as in `mut event: T`",
        ));
    }
    if last_segment(target).is_some_and(|name| name == "Context") {
        return Err(Error::new_spanned(
            &parameter.ty,
            "the context comes after the event: write `(event: T, ctx: &Context)`",
        ));
    }
    match &**target {
        Type::Slice(TypeSlice { elem: item, .. }) if last_segment(item).is_some_and(|name| name == "u8") => {
            Ok(Event::Bytes)
        }
        Type::Slice(TypeSlice { elem: item, .. }) => Ok(Event::Borrowed(parse_quote!(::std::vec::Vec<#item>))),
        Type::Path(path) if path.path.is_ident("str") => Ok(Event::Text),
        target => Ok(Event::Borrowed(target.clone())),
    }
}

fn context(parameter: &PatType) -> Result<Span> {
    match &*parameter.ty {
        Type::Reference(TypeReference { mutability: None, elem: target, .. }) => Ok(target.span()),
        other => Err(Error::new_spanned(other, "the context is borrowed: write `ctx: &Context`")),
    }
}

fn outcome(role: Role, output: &ReturnType) -> Result<Outcome> {
    let ReturnType::Type(_, returned) = output else {
        return Ok(Outcome::Plain);
    };
    let fallible = last_segment(returned).is_some_and(|name| name == "Result");
    let unit = matches!(&**returned, Type::Tuple(tuple) if tuple.elems.is_empty());
    match role {
        Role::Handler | Role::Initializer if fallible => Ok(Outcome::Fallible),
        Role::Handler => Ok(Outcome::Plain),
        Role::Initializer | Role::PreStop if unit => Ok(Outcome::Plain),
        Role::Initializer => Err(Error::new_spanned(
            returned,
            "an initializer returns nothing or `Result<(), E>`: keep what it prepares in a `static`, \
             such as a `std::sync::OnceLock`",
        )),
        Role::PreStop => Err(Error::new_spanned(
            returned,
            "a pre-stop hook returns nothing, because its outcome changes nothing: log what goes wrong",
        )),
    }
}

fn last_segment(of: &Type) -> Option<&Ident> {
    match of {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// The export's name: the function's name in kebab case, under the rules of WIT for names.
fn export_name(function: &Ident) -> Result<String> {
    let name = function.to_string();
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|other| other.is_ascii_lowercase() || other.is_ascii_digit())
    };
    if !name.split('_').all(word) {
        return Err(Error::new_spanned(
            function,
            format!(
                "`{name}` cannot be the name of an export: write lower-case words of letters and digits that \
                 begin with a letter, joined by single `_`, such as `handle_order`"
            ),
        ));
    }
    if TAKEN.contains(&name.as_str()) {
        return Err(Error::new_spanned(
            function,
            format!(
                "an export `{name}` would take the place of a symbol that the standard library uses: \
                 write another name, such as `handle_{name}`"
            ),
        ));
    }
    Ok(name.replace('_', "-"))
}

/// Names that an export of one word must not have. An export is a symbol for the linker, so a handler `write` would
/// silently become the `write` of the C library, and the next `println!` would jump into it with other arguments.
///
/// These are the C functions of one word that Rust's `std` refers to on wasm32-wasip2, those that the compiler itself
/// calls for memory and mathematics, and the export under which a module offers its memory.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "abort", "accept", "bind", "calloc", "chdir", "chmod", "close", "closedir", "connect", "dirfd", "errno", "exit",
    "fchmod", "fcntl", "fdopendir", "free", "freeaddrinfo", "fstat", "fsync", "ftruncate", "futimens",
    "getaddrinfo", "getcwd", "getenv", "getpeername", "getsockname", "getsockopt", "ioctl", "linkat", "listen",
    "lseek", "lstat", "main", "malloc", "memory", "mkdir", "open", "openat", "opendir", "poll", "pread", "pwrite",
    "read", "readdir", "readlink", "readv", "realloc", "realpath", "recv", "recvfrom", "rename", "rmdir", "send",
    "sendto", "setenv", "setsockopt", "shutdown", "socket", "stat", "strlen", "symlink", "sysconf", "unlink",
    "unlinkat", "unsetenv", "utimensat", "write", "writev",

    "bcmp", "memcmp", "memcpy", "memmove", "memset",

    "acos", "asin", "atan", "atan2", "cbrt", "ceil", "cos", "cosh", "exp", "exp2", "expm1", "fdim", "floor", "fma",
    "fmax", "fmin", "fmod", "hypot", "lgamma", "log", "log10", "log1p", "log2", "pow", "rint", "round", "roundeven",
    "sin", "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc",
];

#[cfg(test)]
mod tests;
