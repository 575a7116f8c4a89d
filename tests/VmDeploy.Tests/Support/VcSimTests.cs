using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>The import against a simulator that nobody of this project wrote.</summary>
public sealed class VcSimTests
{
    [SkippableTheory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task An_OVA_becomes_three_VMs_on_vcsim(bool vcenter, bool tls)
    {
        await using VcSim vcsim = await VcSim.StartAsync(vcenter, tls);
        using VmSession session = await VsphereSession.ConnectAsync(vcsim.Options, NullLogger.Instance, CancellationToken.None);
        Assert.Equal(vcenter ? HypervisorKind.VCenter : HypervisorKind.Esxi, session.Kind);
        using OvaPackage package = await OvaPackage.OpenAsync(Repository.Path("examples/tinyVM.ova"), CancellationToken.None);
        string[] names = ["tinyVM1", "tinyVM2", "tinyVM3"];
        // As examples/configs/config_question7.json has it.
        var request = new OvaImportRequest(package.Path)
        {
            Names = names,
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = "localhost.localdomain",
            UploadEach = true,
        };

        DeploymentPlan plan = await session.PlanOvaImportAsync(request, package, CancellationToken.None);
        var failures = new List<VmDeployException>();
        await plan.RunAsync(names, _ => { }, (_, failure) => failures.Add(failure), new Progress<OperationProgress>(), CancellationToken.None);

        Assert.Empty(failures);
        var found = new List<Vm>();
        await session.GetVmsAsync(new VmQuery { NameFilter = names.Contains }, found.AddRange, CancellationToken.None);
        Assert.Equal(names, found.Select(vm => vm.Name).Order(StringComparer.Ordinal));
        Assert.All(found, vm =>
        {
            Assert.Equal(4 << 20, Assert.Single(vm.Disks).CapacityBytes);
            Assert.Equal("VM Network", Assert.Single(vm.NetworkAdapters).NetworkName);
            Assert.StartsWith($"[datastore1] {vm.Name}/", vm.Path, StringComparison.Ordinal);
        });
        Assert.Equal(3, vcsim.Log.Split('\n').Count(line => line.Contains("nfc POST", StringComparison.Ordinal)
            && line.Contains($"transferred {package.Files.Single().StoredLength} bytes", StringComparison.Ordinal)));
    }
}
