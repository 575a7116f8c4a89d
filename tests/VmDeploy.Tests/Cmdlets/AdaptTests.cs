using VmDeploy.Ova;
using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Packages of other makers at a prompt.</summary>
public sealed class AdaptTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Engine _engine = Engine.Start();

    public AdaptTests() => _engine["ova"] = new OvaBuilder { EditDescriptor = _ => ForeignOvf.VirtualBox }.WriteOva(_folder, "vbox.ova");

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_refusal_recommends_Adapt_which_lists_each_edit_and_imports()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("$job = '{ \"num_instances\": 2, \"vm_name_prefix\": \"vb\", \"datastore\": \"datastore1\", \"network\": \"VM Network\", \"adapt\": \"true\" }' | ConvertFrom-Json");

        var refused = (await _engine.RunAsync("Import-VmOva $ova -Datastore datastore1 -Network 'VM Network'")).Error("OvfRefused");
        Assert.Contains("Unsupported hardware family 'virtualbox-2.2'", refused.Exception.Message);
        Assert.Contains("-Adapt", refused.ErrorDetails.RecommendedAction);

        var shown = await _engine.MustRunAsync("$job | Import-VmOva $ova -WhatIf");
        Assert.Empty(simulator.Vms);
        Assert.Contains("as vb2: 1 vCPU, 64 MB", shown.HostText);
        Assert.Contains("sound card 'sound' removed, controller 'sataController0' of the model 'AHCI' changed to vmware.sata.ahci", shown.HostText);
        Assert.Contains("hardware family 'virtualbox-2.2' replaced by vmx-13", shown.HostText);

        var run = await _engine.MustRunAsync("$job | Import-VmOva $ova");
        Assert.Equal(["vb1", "vb2"], simulator.Vms.Select(vm => vm.Name).Order());
        Assert.Single(run.Warnings, warning => warning.EndsWith("hardware family 'virtualbox-2.2' replaced by vmx-13", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_VmOva_shows_what_a_host_would_refuse()
    {
        var summary = (await _engine.MustRunAsync("Get-VmOva $ova")).Single<OvaSummary>();
        Assert.Equal(["sound card 'sound'", "controller 'sataController0' of the model 'AHCI'", "model 'PIIX4' of IDE controllers", "hardware family 'virtualbox-2.2'"],
            summary.Incompatibilities.Select(found => found.Problem));
        Assert.Equal(new OvfIncompatibility("sound card 'sound'", "sound card 'sound' removed"), summary.Incompatibilities[0]);

        _engine["ova"] = new OvaBuilder { EditDescriptor = xml => xml.Replace("VirtualHardwareSection", "NothingSection") }.WriteOva(_folder, "none.ova");
        summary = (await _engine.MustRunAsync("Get-VmOva $ova")).Single<OvaSummary>();
        Assert.Null(summary.CpuCount);
        Assert.Contains("missing VirtualHardwareSection", summary.Incompatibilities.Select(found => found.Problem));
    }
}
