//! The machine that an event comes from: system, device, and when the program began.

use std::env::consts;
use std::fs;
use std::time::SystemTime;

use sentry_core::ClientOptions;
use sentry_core::protocol::{AppContext, Context, DeviceContext, Event, OsContext, Value};

/// Puts the contexts `os`, `device` and `app` on events that have none of their own, and names the server. It asks the
/// standard library, and on Linux the files of `/proc`, once.
#[derive(Debug)]
pub(crate) struct Machine {
    os: OsContext,
    device: DeviceContext,
    began: SystemTime,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let name = match consts::OS {
            "linux" => "Linux",
            "macos" => "macOS",
            "windows" => "Windows",
            "freebsd" => "FreeBSD",
            other => other,
        };
        let version = line("/proc/sys/kernel/osrelease");
        let mut os = OsContext { name: Some(name.to_owned()), version, ..Default::default() };
        os.other.extend(distribution().map(|distribution| ("distribution_name".to_owned(), Value::from(distribution))));
        let mut device = DeviceContext { arch: Some(consts::ARCH.to_owned()), ..Default::default() };
        let processors = std::thread::available_parallelism().ok();
        device.other.extend(processors.map(|count| ("processor_count".to_owned(), Value::from(count.get()))));
        Self { os, device, began: SystemTime::now() }
    }

    /// Names the server of a client whose options do not.
    pub(crate) fn name_server(options: &mut ClientOptions) {
        if options.server_name.is_none() {
            options.server_name = host().map(Into::into);
        }
    }

    /// Completes an event.
    pub(crate) fn complete(&self, event: &mut Event<'_>) {
        let contexts = &mut event.contexts;
        contexts.entry("os".to_owned()).or_insert_with(|| self.os.clone().into());
        contexts.entry("device".to_owned()).or_insert_with(|| self.device.clone().into());
        contexts
            .entry("app".to_owned())
            .or_insert_with(|| Context::from(AppContext { app_start_time: Some(self.began), ..Default::default() }));
    }
}

fn host() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    line("/proc/sys/kernel/hostname").or_else(|| variable("HOSTNAME")).or_else(|| variable("COMPUTERNAME"))
}

fn distribution() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let id = release.lines().find_map(|line| line.strip_prefix("ID="))?;
    Some(id.trim_matches('"').to_owned()).filter(|id| !id.is_empty())
}

fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_gets_what_it_lacks_and_keeps_what_it_has() {
        let mut event = Event::default();
        event.contexts.insert("os".to_owned(), OsContext { name: Some("mine".into()), ..Default::default() }.into());
        Machine::new().complete(&mut event);
        assert!(matches!(&event.contexts["os"], Context::Os(os) if os.name.as_deref() == Some("mine")));
        assert!(
            matches!(&event.contexts["device"], Context::Device(device) if device.arch.as_deref() == Some(consts::ARCH))
        );
        assert!(event.contexts.contains_key("app"));
    }

    #[test]
    fn a_servers_name_that_is_said_stands() {
        let mut options = ClientOptions::new().server_name("web-1");
        Machine::name_server(&mut options);
        assert_eq!(options.server_name.as_deref(), Some("web-1"));
    }
}
