//! What the derives write, shape by shape.

use proc_macro2::TokenStream;
use quote::quote;

/// Both as text, so that what differs can be read.
#[expect(clippy::needless_pass_by_value, reason = "both are made for this call")]
fn same(is: TokenStream, should: TokenStream) {
    // A build of the whole workspace has the catalogue on, which adds to what is written: CI runs this crate by itself as well.
    if cfg!(feature = "catalog") && !cfg!(feature = "off") {
        return;
    }
    assert_eq!(is.to_string(), should.to_string());
}

#[test]
fn a_context() {
    let context = quote! {
        #[context(name = "payment")]
        struct PaymentContext<'a, T> {
            payment_id: &'a str,
            #[context(tag)]
            currency: Option<T>,
            #[context(debug, rename = "total")]
            amount: T,
            #[context(masked, tag)]
            email: &'a str,
            #[context(nested)]
            card: Card,
            #[context(flatten)]
            rest: Vec<Line<T>>,
            #[context(skip)]
            password: String,
        }
    };
    same(
        super::sentry_context(context),
        quote! {
            #[automatically_derived]
            impl<'a, T> ::watchpost::__private::SentryContext for PaymentContext<'a, T>
            where
                T: ::core::fmt::Display,
                T: ::core::fmt::Debug,
                Vec<Line<T> >: ::watchpost::__private::Part
            {
                fn name(&self) -> &'static ::core::primitive::str {
                    "payment"
                }
                fn fields(&self, __fields: &mut ::watchpost::__private::Fields) {
                    __fields.field("payment_id", ::watchpost::__private::value(&self.payment_id));
                    if let ::core::option::Option::Some(__value) = &self.currency {
                        __fields.tag("payment.currency", __value);
                        __fields.field("currency", ::watchpost::__private::display(__value));
                    } else {
                        __fields.no_tag("payment.currency");
                    }
                    __fields.field("total", ::watchpost::__private::debug(&self.amount));
                    __fields.tag(
                        "payment.email",
                        ::watchpost::__private::guarded_tag(::watchpost::__private::masked(&self.email))
                    );
                    __fields.field(
                        "email",
                        ::watchpost::__private::guarded(::watchpost::__private::masked(&self.email))
                    );
                    __fields.nested("card", &self.card);
                    __fields.flatten(&self.rest);
                }
            }
        },
    );
}

#[test]
fn a_user() {
    let user = quote! {
        #[user(crate = ::monitoring)]
        struct Claims(
            #[user(id, debug)] u64,
            #[user(email)] Option<String>,
            #[user(rename = "role", tag)] Role,
            #[user(rename = "plan")] Option<u8>
        );
    };
    same(
        super::sentry_user(user),
        quote! {
            #[automatically_derived]
            impl ::monitoring::__private::SentryUser for Claims {
                fn fields(&self, __user: &mut ::monitoring::__private::UserFields) {
                    __user.id(::core::format_args!("{:?}", &self.0));
                    if let ::core::option::Option::Some(__value) = &self.1 {
                        __user.email(__value);
                    }
                    __user.tag("user.role", &self.2);
                    __user.data("role", ::monitoring::__private::display(&self.2));
                    __user.data("plan", ::monitoring::__private::value(&self.3));
                }
            }
        },
    );
}

#[test]
fn policies() {
    let error = quote! {
        #[classify(category = "payment")]
        enum PaymentError<E> {
            #[classify(level = "warning", status = "failed_precondition", http = 402, retry = "never")]
            Declined { code: String },
            #[classify(ignore)]
            Cancelled,
            #[classify(delegate)]
            Gateway(#[source] E),
        }
    };
    same(
        super::classify(error),
        quote! {
            #[automatically_derived]
            impl<E> ::watchpost::__private::Classify for PaymentError<E>
            where
                E: ::watchpost::__private::Classify
            {
                fn classify(&self) -> ::watchpost::__private::Policy {
                    match self {
                        Self::Declined { .. } => ::watchpost::__private::Policy::new()
                            .with_category("payment")
                            .with_level(::watchpost::__private::Level::Warning)
                            .with_status(::watchpost::__private::SpanStatus::FailedPrecondition)
                            .with_http(402u16)
                            .with_retry(::watchpost::__private::Retry::Never)
                            .with_variant("Declined"),
                        Self::Cancelled { .. } => ::watchpost::__private::Policy::new()
                            .with_category("payment")
                            .with_ignore()
                            .with_variant("Cancelled"),
                        Self::Gateway { 0: __inner, .. } => ::watchpost::__private::Policy::new()
                            .or(::watchpost::__private::Classify::classify(__inner))
                            .or(::watchpost::__private::Policy::new().with_category("payment"))
                            .with_variant("Gateway"),
                    }
                }
            }
        },
    );
}

#[test]
fn beside_an_error_stands_an_implementation_that_says_nothing() {
    let written = super::sentry_context(quote!(
        struct Login<T: Copy> {
            password: T,
        }
    ))
    .to_string();
    let (error, dummy) = written.split_once('}').expect("an error and the implementation");
    assert!(error.contains("compile_error") && error.contains("`password` looks like a secret"), "{written}");
    let should = quote! {
        #[automatically_derived]
        impl<T: Copy> ::watchpost::__private::SentryContext for Login<T> {
            fn name(&self) -> &'static ::core::primitive::str {
                ""
            }
            fn fields(&self, _: &mut ::watchpost::__private::Fields) {}
        }
    };
    assert_eq!(dummy.trim(), should.to_string());
}
