//! What an attribute turns into.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, Result, Type};

use crate::contract::{self, Role};
use crate::signature::{Event, Outcome, Signature};

/// Expands one attribute; a wrong use becomes `compile_error!` beside the untouched function.
pub(crate) fn attribute(role: Role, arguments: TokenStream, item: TokenStream) -> TokenStream {
    match try_attribute(role, arguments, item.clone()) {
        Ok(expanded) => expanded,
        Err(error) => {
            let error = error.into_compile_error();
            quote! { #item #error }
        }
    }
}

fn try_attribute(role: Role, arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(
            arguments,
            "this attribute takes no arguments: the export is named like the function",
        ));
    }
    let item_span = item.span();
    let function: ItemFn = syn::parse2(item).map_err(|_| {
        Error::new(item_span, "this attribute belongs on a function, such as `fn handle(event: String)`")
    })?;
    let signature = Signature::parse(role, &function)?;
    let call = call(role, &signature);
    let export = export(role, &signature);
    Ok(quote! {
        #function

        const _: () = {
            #call
            #export
        };
    })
}

/// The function `__fngraph_call`, which speaks the contract's types. It is compiled on every target, so that what
/// the attribute asks of the function's types is checked natively too. Its names are such that none of them hides a
/// function of the user's.
fn call(role: Role, signature: &Signature) -> TokenStream {
    let name = &signature.name;
    let private = private();
    let event = signature.event.iter().map(decode);
    let context = signature.context.iter().map(|&span| quote_spanned!(at(span)=> __fngraph_context));
    let arguments = event.chain(context);
    let outcome = match signature.outcome {
        Outcome::Plain => quote!(#name(#(#arguments),*)),
        Outcome::Fallible => quote_spanned!(at(signature.answer)=> #name(#(#arguments),*)?),
    };
    match role {
        Role::Handler => {
            let encode = quote_spanned!(at(signature.answer)=> #private::encode(__fngraph_answer));
            quote! {
                fn __fngraph_call(
                    __fngraph_event: ::std::vec::Vec<u8>,
                    __fngraph_context: &#private::Context,
                ) -> ::std::result::Result<::std::vec::Vec<u8>, #private::Error> {
                    let _ = __fngraph_context;
                    let __fngraph_answer = #outcome;
                    #encode
                }
                #[cfg(not(target_family = "wasm"))]
                const _: #private::Handler = __fngraph_call;
            }
        }
        Role::Initializer => {
            let run = quote_spanned!(at(signature.answer)=> let () = #outcome;);
            quote! {
                fn __fngraph_call(__fngraph_context: &#private::Context) -> ::std::result::Result<(), #private::Error> {
                    let _ = __fngraph_context;
                    #run
                    ::std::result::Result::Ok(())
                }
                #[cfg(not(target_family = "wasm"))]
                const _: #private::Initializer = __fngraph_call;
            }
        }
        Role::PreStop => quote! {
            fn __fngraph_call(__fngraph_context: &#private::Context) {
                let _ = __fngraph_context;
                #outcome
            }
            #[cfg(not(target_family = "wasm"))]
            const _: #private::PreStop = __fngraph_call;
        },
    }
}

/// The event as the function's parameter wants it. The span of the parameter's type is where the compiler shows
/// that the type cannot be read from an event.
fn decode(event: &Event) -> TokenStream {
    let private = private();
    match event {
        Event::Bytes => quote!(&__fngraph_event),
        Event::Text => quote!(#private::text(&__fngraph_event)?),
        Event::Borrowed(target) => {
            let decode = decode_as(target);
            quote!(&#decode)
        }
        Event::Owned(target) => decode_as(target),
    }
}

fn decode_as(target: &Type) -> TokenStream {
    let private = private();
    quote_spanned!(at(target.span())=> #private::decode::<#target>(__fngraph_event)?)
}

/// The export of the component.
fn export(role: Role, signature: &Signature) -> TokenStream {
    let private = private();
    let name = &signature.name;
    let world = contract::world(&signature.export);
    let wit = contract::with_world_for(role, &signature.export);
    let method = match role {
        Role::Handler => quote! {
            fn #name(event: ::std::vec::Vec<u8>) -> ::std::result::Result<::std::vec::Vec<u8>, #private::wire::Error> {
                __fngraph_call(event, &#private::context()).map_err(::std::convert::Into::into)
            }
        },
        Role::Initializer => quote! {
            fn #name() -> ::std::result::Result<(), #private::wire::Error> {
                __fngraph_call(&#private::context()).map_err(::std::convert::Into::into)
            }
        },
        Role::PreStop => quote! {
            fn #name() {
                __fngraph_call(&#private::context())
            }
        },
    };
    quote! {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, clippy::all, clippy::pedantic, clippy::mem_forget, reason = "generated by wit-bindgen")]
        const _: () = {
            mod __fngraph_component {
                #private::wit_bindgen::generate!({
                    inline: #wit,
                    world: #world,
                    with: { "fngraph:function/types@1.0.0": #private::wire },
                    runtime_path: "::fngraph_guest::__private::wit_bindgen::rt",
                    type_section_suffix: #world,
                });
            }
            struct __FngraphExport;
            impl __fngraph_component::Guest for __FngraphExport {
                #method
            }
            __fngraph_component::export!(__FngraphExport with_types_in __fngraph_component);
        };
    }
}

/// Code of ours at a place of the user's: errors about it point there, and lints know that nobody wrote it there.
fn at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

/// Where the SDK keeps what expansions refer to.
fn private() -> TokenStream {
    quote!(::fngraph_guest::__private)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(role: Role, arguments: TokenStream, item: TokenStream) -> String {
        attribute(role, arguments, item).to_string()
    }

    #[test]
    fn function_stays_as_it_is() {
        let function = quote! { pub fn greet(event: String) -> String { event } };
        let expanded = expanded(Role::Handler, quote!(), function.clone());
        assert!(expanded.starts_with(&function.to_string()));
        assert!(!expanded.contains("compile_error"));
    }

    #[test]
    fn refused_function_stays_beside_the_error() {
        let function = quote! { async fn greet(event: String) {} };
        let expanded = expanded(Role::Handler, quote!(), function.clone());
        assert!(expanded.starts_with(&function.to_string()));
        assert!(expanded.contains("compile_error"));
    }

    #[test]
    fn arguments_are_refused() {
        let expanded = expanded(Role::Handler, quote!(name = "x"), quote! { fn f(event: String) {} });
        assert!(expanded.contains("takes no arguments"));
    }

    #[test]
    fn anything_but_a_function_is_refused() {
        let expanded = expanded(Role::PreStop, quote!(), quote! { struct Order; });
        assert!(expanded.contains("belongs on a function"));
    }
}
