namespace VmDeploy.Simulator.Xapi;

/// <summary>A disk that the control domain has attached for an import or an export.</summary>
internal sealed class HeldDisk
{
    private readonly XapiHost _host;
    private readonly XapiObject _vbd;

    /// <param name="host">The host.</param>
    /// <param name="vdi">The disk.</param>
    /// <param name="mode">RW or RO.</param>
    public HeldDisk(XapiHost host, XapiObject vdi, string mode)
    {
        _host = host;
        lock (host.Database.Gate)
        {
            _vbd = VbdCalls.Create(host, new Dictionary<string, object>
            {
                ["VM"] = host.World.ControlDomain.Ref,
                ["VDI"] = vdi.Ref,
                ["userdevice"] = "autodetect",
                ["bootable"] = false,
                ["mode"] = mode,
                ["type"] = "Disk",
                ["empty"] = false,
                ["other_config"] = new Dictionary<string, object>(),
            });
            VbdCalls.SetAttached(host.Database, _vbd, true);
        }
    }

    /// <summary>Detaches it, which takes a moment.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await Task.Delay(_host.Options.TransferLinger, _host.Stopped);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_host.Database.Gate)
        {
            VbdCalls.SetAttached(_host.Database, _vbd, false);
            VbdCalls.Destroy(_host.Database, _vbd);
        }
    }
}
