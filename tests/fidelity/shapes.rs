// Each body in each shape that a function may have: `bodies!` has the bodies, `shapes!` the shapes, and every pair of the two
// becomes a function. `pause!()` waits in the shapes that can.

macro_rules! bodies {
    ($($outcome:tt)*) => {
        shapes! { $($outcome)* pause arguments
            (a: Noted, #[cfg(any())] n: Nowhere, #[cfg(all())] b: Noted, #[allow(unused_variables)] c: Noted)
            (Noted("a"), Noted("b"), Noted("c"))
            -> usize => {
            note("body");
            pause!();
            good(b.touch())
        } }
        shapes! { $($outcome)* pause patterns
            ((a, _): (Noted, Noted), _: Noted, Pair { second, .. }: Pair, mut e: u32, f @ Noted(_): Noted, _g: Noted)
            ((Noted("a"), Noted("a2")), Noted("_"), Pair { first: Noted("first"), second: Noted("second") }, 1, Noted("f"), Noted("_g"))
            -> u32 => {
            e += 1;
            pause!();
            note("body");
            drop(second);
            good(e + (a.touch() + f.touch()) as u32)
        } }
        shapes! { $($outcome)* pause moved (a: Noted, mut b: Vec<Noted>, c: Noted) (Noted("a"), vec![Noted("b")], Noted("c")) -> Vec<Noted> => {
            b.push(a);
            pause!();
            let c = (c, Noted("local"));
            note("body");
            good(b)
        } }
        shapes! { $($outcome)* pause temporaries (a: Noted) (Noted("a")) -> usize => {
            let local = Noted("local");
            pause!();
            match Noted("scrutinee").pass(local.touch()) {
                0 => bad("none"),
                n => good(Noted("arm").pass(n) + Noted("sum").pass(a.touch())),
            }
        } }
        shapes! { $($outcome)* pause returns (a: Noted, n: u32) (Noted("a"), 3) -> u32 => {
            let _local = Noted("local");
            if n == 3 {
                pause!();
                return bad(Noted("temporary").pass("three"));
            }
            good(n)
        } }
        shapes! { $($outcome)* pause asks (a: Noted, text: &'static str) (Noted("a"), "x") -> u32 => {
            let _local = Noted("local");
            let four = number("4")?;
            pause!();
            note(four.to_string());
            let n = Noted("temporary").pass(number(text))?;
            good(n + four)
        } }
        shapes! { $($outcome)* pause loops (limit: u32) (40) -> u32 => {
            let mut n = 0;
            let found = 'outer: loop {
                let _each = Noted("each");
                for i in 0..10 {
                    if i == 3 {
                        continue;
                    }
                    pause!();
                    n += i;
                    if n > limit {
                        break 'outer n;
                    }
                    while n == 7 {
                        n += 1;
                        continue 'outer;
                    }
                }
            };
            good(found)
        } }
        shapes! { $($outcome)* pause diverges (a: Noted) (Noted("a")) -> u32 => {
            let _local = Noted("local");
            pause!();
            loop {
                if a.touch() == 1 {
                    panic!("diverged");
                }
            }
        } }
        shapes! { $($outcome)* pause closures (list: Vec<u32>, a: Noted) (vec![1, 0, 2], Noted("a")) -> Vec<u32> => {
            let double = |n: &u32| {
                if *n == 0 {
                    return 0;
                }
                n * 2
            };
            let kept = move || a.touch();
            pause!();
            let ask = |text: &str| -> RETURNED<u32> {
                let n = number(text)?;
                good(n)
            };
            let all = list.iter().map(double).filter(|n| *n > 0).collect();
            note(format!("{:?} {:?} {}", ask("1"), ask("y"), kept()));
            good(all)
        } }
        shapes! { $($outcome)* pause reassigned (mut text: &'static str, mut r#match: u32) ("abc", 1) -> u32 => {
            r#match += text.len() as u32;
            let local = text.to_uppercase();
            pause!();
            text = "longer";
            note(local);
            good(r#match + text.len() as u32)
        } }

        pub fn observe() -> Vec<String> {
            [
                arguments::observe(),
                patterns::observe(),
                moved::observe(),
                temporaries::observe(),
                returns::observe(),
                asks::observe(),
                loops::observe(),
                diverges::observe(),
                closures::observe(),
                reassigned::observe(),
            ]
            .concat()
        }
    };
}

macro_rules! shapes {
    ([$($attrs:tt)*] [$($block:tt)*] [$returned:ident $(, $error:ident)?] $pause:ident $name:ident ($($arg:tt)*) ($($given:tt)*) -> $out:ty => $body:tt) => {
        pub mod $name {
            use super::*;

            macro_rules! $pause { () => {}; }

            $($attrs)*
            fn sync($($arg)*) -> $returned<$out $(, $error)?> $body

            $($attrs)*
            unsafe extern "C-unwind" fn foreign($($arg)*) -> $returned<$out $(, $error)?> $body

            trait Provided: Sized {
                $($attrs)*
                fn provided(self, $($arg)*) -> $returned<$out $(, $error)?> $body
            }
            impl Provided for Noted {}

            macro_rules! $pause { () => { later().await; }; }

            $($attrs)*
            async fn awaited($($arg)*) -> $returned<$out $(, $error)?> $body

            $($attrs)*
            fn boxed($($arg)*) -> Pin<Box<dyn Future<Output = $returned<$out $(, $error)?>>>> {
                let before = Noted("before");
                Box::pin(async move $body)
            }

            $($attrs)*
            fn opaque($($arg)*) -> impl Future<Output = $returned<$out $(, $error)?>> {
                let before = Noted("before");
                async move $body
            }

            trait Waits: Sized {
                $($attrs)*
                async fn waits(&mut self, $($arg)*) -> $returned<$out $(, $error)?> $body
            }
            impl Waits for Noted {}

            #[async_trait::async_trait(?Send)]
            trait Dyn: Sized {
                $($attrs)*
                async fn by_async_trait(self, $($arg)*) -> $returned<$out $(, $error)?> $body
            }
            #[async_trait::async_trait(?Send)]
            impl Dyn for Noted {}

            struct Block;
            $($block)*
            impl Block {
                async fn of_block(self, $($arg)*) -> $returned<$out $(, $error)?> $body
            }

            pub fn observe() -> Vec<String> {
                let what = stringify!($name);
                vec![
                    run(what, "sync", || sync($($given)*)),
                    run(what, "foreign", || unsafe { foreign($($given)*) }),
                    run(what, "provided", || Noted("self").provided($($given)*)),
                    run(what, "awaited", || block_on(awaited($($given)*))),
                    run(what, "boxed", || block_on(boxed($($given)*))),
                    run(what, "opaque", || block_on(opaque($($given)*))),
                    run(what, "waits", || block_on(Noted("self").waits($($given)*))),
                    run(what, "by async_trait", || block_on(Noted("self").by_async_trait($($given)*))),
                    run(what, "of a block", || block_on(Block.of_block($($given)*))),
                    noted("awaited, dropped unpolled", || drop(awaited($($given)*))),
                    noted("boxed, dropped unpolled", || drop(boxed($($given)*))),
                    noted("opaque, dropped unpolled", || drop(opaque($($given)*))),
                    run(what, "awaited, dropped on its way", || poll_once(awaited($($given)*))),
                    run(what, "boxed, dropped on its way", || poll_once(boxed($($given)*))),
                    run(what, "opaque, dropped on its way", || poll_once(opaque($($given)*))),
                ]
            }
        }
    };
}
