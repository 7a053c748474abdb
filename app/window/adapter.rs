//! The graphics adapter that the window is drawn with.

use iced::wgpu;

/// The graphics adapter that wgpu draws with.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    pub(super) name: String,
    pub(super) is_software: bool,
}

/// Which adapter wgpu takes, asked the same way as iced asks. iced does not tell without a second copy of `sysinfo`.
pub(super) async fn find_adapter() -> Option<Adapter> {
    let instance = wgpu::Instance::new(&wgpu::InstanceDescriptor {
        backends: wgpu::Backends::from_env().unwrap_or_default(),
        ..wgpu::InstanceDescriptor::default()
    });
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::from_env().unwrap_or(wgpu::PowerPreference::HighPerformance),
        ..wgpu::RequestAdapterOptions::default()
    };
    let info = instance.request_adapter(&options).await.ok()?.get_info();
    Some(Adapter {
        is_software: info.device_type == wgpu::DeviceType::Cpu,
        name: info.name,
    })
}
