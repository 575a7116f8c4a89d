using System.Text.RegularExpressions;
using VmDeploy.Tests.Support;
using Xunit;
using static VmDeploy.Tests.Support.VAppOva;

namespace VmDeploy.Tests.VApp;

/// <summary>Packages with several machines that stay one vApp.</summary>
public sealed class VAppOnVCenterTests : IDisposable
{
    private static readonly string s_shop =
        Startup(("back", 1, ""), ("web", 2, "ovf:startDelay=\"30\""), ("tool", 3, "ovf:startAction=\"none\""))
        + Product(("domain", "example.com"))
        + new VAppMachine("web", 1, 2) { CpuCount = 2 }.ToXml() + new VAppMachine("tool").ToXml()
        + Collection("back", Startup(("cache", 5, ""), ("db", 3, "")) + new VAppMachine("cache").ToXml() + new VAppMachine("db", 2, 3) { Products = Product(("role", "main")) }.ToXml());

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_vApp_has_all_machines_with_their_disks_values_and_order()
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.VCenter, hasTools: true);
        var request = AsVApp(host, s_shop, 3) with { NamePattern = "t-{name}" };
        request = request with
        {
            Import = request.Import with
            {
                Properties = new Dictionary<string, string> { ["domain"] = "test", ["role"] = "spare" },
                Hardware = request.Import.Hardware with { MemoryMB = 128 },
                PowerOn = true,
            },
        };
        var shown = await host.DescribeAsync(request);
        Assert.StartsWith("Import", shown);
        Assert.Contains(" as the vApp t-shop: t-web: 2 vCPU, 128 MB, disks 192 KB + 192 KB", shown);
        Assert.Contains("start order 2; t-tool: 1 vCPU", shown);
        Assert.EndsWith("start order 1.3, power on", shown);
        Assert.Empty(host.VmNames);

        var vms = await host.ImportAsync(request);
        Assert.Empty(host.Failures);
        Assert.Equal(["t-cache", "t-db", "t-tool", "t-web"], vms.Select(vm => vm.Name).Order());
        Assert.Equal(["t-shop: t-web, t-tool, t-cache, t-db", "back: t-cache, t-db"], host.Vsphere.VApps);
        Assert.All(vms, vm => Assert.Equal(128, vm.MemoryMB));
        Assert.Equal("t-tool", Assert.Single(vms, vm => vm.PowerState == "Off").Name);
        host.AssertDisks("t-web", 1, 2);
        host.AssertDisks("t-db", 2, 3);

        var spec = host.Vsphere.Requests.Single(sent => sent.Method == "ImportVApp").Xml;
        Assert.Equal("test", Value(spec, "domain"));
        Assert.Equal("spare", Value(spec, "role"));
        Assert.Contains("<startOrder>2</startOrder><startDelay>30</startDelay>", Regex.Replace(spec, "<[a-z0-9]+:|</[a-z0-9]+:", match => match.Value.StartsWith("</", StringComparison.Ordinal) ? "</" : "<"));
    }

    [Fact]
    public async Task Several_vApps_have_their_own_names()
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.VCenter);
        var request = AsVApp(host, new VAppMachine("web", 1).ToXml() + new VAppMachine("db", 2).ToXml(), 2) with { Count = 2, NamePattern = "{name}-{n}" };
        await host.ImportAsync(request);
        Assert.Empty(host.Failures);
        Assert.Equal(["shop-1: web-1, db-1", "shop-2: web-2, db-2"], host.Vsphere.VApps.Order());
        host.AssertDisks("web-2", 1);

        var again = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(request));
        Assert.Equal((ErrorCodes.VAppNotPossible, ErrorHint.RenameVApp), (again.Code, again.Hint));

        // Exact names are those of the VMs; the vApp has that of the collection.
        var exact = request with { Count = 1, Names = ["a", "b"] };
        Assert.Equal(["a", "b"], (await host.ImportAsync(exact)).Select(vm => vm.Name).Order());
        Assert.Contains("shop: a, b", host.Vsphere.VApps);

        // A VM that exists can't become part of a new one.
        await host.ImportAsync(exact with { AsVApp = false, Names = ["x", "y"] });
        var reuse = exact with { Names = ["x", "z"], Import = exact.Import with { ExistingVm = ExistingVmAction.Reuse } };
        Assert.Equal(ErrorCodes.VAppNotPossible, (await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(reuse))).Code);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("lease")]
    [InlineData("cut")]
    [InlineData("lost")]
    [InlineData("task")]
    public async Task A_failure_leaves_neither_vApp_nor_VMs(string kind)
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.VCenter);
        var request = AsVApp(host, s_shop, 3, kind == "digest" ? "disk3.vmdk" : null);
        var code = ErrorCodes.OvaDigestMismatch;
        switch (kind)
        {
            case "lease":
                host.Vsphere.Faults.FailTask("ImportVApp", "InsufficientResourcesFault");
                code = null;
                break;
            case "cut":
                host.Vsphere.Faults.CutUpload(1000, times: 100);
                code = ErrorCodes.ConnectionLost;
                break;
            case "lost":
                host.Vsphere.Faults.LeaseTimeout = TimeSpan.FromSeconds(2);
                host.Vsphere.Faults.DropReply("ImportVApp");
                code = ErrorCodes.ConnectionLost;
                break;
            case "task":
                // After the lease is complete.
                host.Vsphere.Faults.FailTask("ReconfigVM_Task", "InsufficientResourcesFault");
                request = request with { Import = request.Import with { Hardware = request.Import.Hardware with { ExtraDiskBytes = [1 << 20] } } };
                code = null;
                break;
        }
        Assert.Empty(await host.ImportAsync(request));
        var failure = Assert.Single(host.Failures);
        Assert.Equal("shop", failure.Key);
        Assert.True(code is null || failure.Value.Code == code, failure.Value.ToString());
        Assert.Empty(host.Vsphere.VApps);
        host.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_start_that_fails_is_told_and_keeps_the_vApp()
    {
        await using var host = await VAppHost.StartAsync(HypervisorKind.VCenter);
        host.Vsphere.Faults.FailTask("PowerOnVApp_Task", "InsufficientResourcesFault");
        var request = AsVApp(host, s_shop, 3);
        Assert.Equal(4, (await host.ImportAsync(request with { Import = request.Import with { PowerOn = true } })).Count);
        Assert.Contains("vApp 'shop' exists, but could not be powered on", Assert.Single(host.Failures).Value.Message);
        Assert.Equal(2, host.Vsphere.VApps.Count);
    }

    [Theory]
    [InlineData(HypervisorKind.Esxi)]
    [InlineData(HypervisorKind.XenServer)]
    public async Task Hosts_without_vApps_refuse_before_anything_is_made(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var refusal = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(AsVApp(host, s_shop, 3)));
        Assert.Equal(ErrorCodes.NotSupportedByHost, refusal.Code);
        Assert.Equal(ErrorHint.ImportWithoutVApp, refusal.Hint);
        host.AssertNothingIsLeft();
    }

    private VAppRequest AsVApp(VAppHost host, string content, int disks, string? wrongDigest = null) =>
        host.Request((Create(content, disks) with { WrongDigest = wrongDigest }).WriteOva(_folder, Guid.NewGuid() + ".ova")) with { AsVApp = true };

    // In the spec the value that was given is the default of the descriptor.
    private static string Value(string spec, string key) => Regex.Match(spec, $"<[^>]*\\bid>{key}</.*?defaultValue>([^<]*)<", RegexOptions.Singleline).Groups[1].Value;
}
