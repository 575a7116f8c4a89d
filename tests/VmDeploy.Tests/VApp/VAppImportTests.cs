using VmDeploy.Tests.Support;
using Xunit;
using static VmDeploy.Tests.Support.VAppOva;

namespace VmDeploy.Tests.VApp;

/// <summary>Packages with several machines, each of which becomes a VM, on all hypervisors.</summary>
public sealed class VAppImportTests : IDisposable
{
    // Three machines, one of them in a nested collection; web and db have disk 2 in common.
    private static readonly string s_shop =
        Startup(("back", 1, ""), ("web", 2, ""))
        + Product(("domain", "example.com"))
        + new VAppMachine("web", 1, 2) { CpuCount = 2 }.ToXml()
        + Collection("back", Startup(("cache", 5, ""), ("db", 3, "")) + Product(("ntp", "time.example.com")) + new VAppMachine("cache").ToXml() + new VAppMachine("db", 2, 3) { Products = Product(("domain", "db.example.com")) }.ToXml());

    private readonly TempFolder _folder = new();

    public static TheoryData<HypervisorKind> Hosts => VAppHost.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Each_machine_becomes_a_VM_with_its_disks_networks_and_inherited_properties(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = host.Request(Write(s_shop, 3));
        var vms = await host.ImportAsync(request with
        {
            NamePattern = "shop-{name}",
            Import = request.Import with { Properties = new Dictionary<string, string> { ["domain"] = "test", ["db/ntp"] = "here" } },
        });

        Assert.Empty(host.Failures);
        Assert.Equal(["shop-cache", "shop-db", "shop-web"], vms.Select(vm => vm.Name).Order());
        Assert.All(vms, vm => Assert.Equal("Off", vm.PowerState));
        Assert.Equal(2, vms.Single(vm => vm.Name == "shop-web").CpuCount);
        host.AssertDisks("shop-web", 1, 2);
        host.AssertDisks("shop-db", 2, 3);
        host.AssertDisks("shop-cache");
        Assert.Equal("test", host.PropertyOf("shop-web", "domain"));
        Assert.Null(host.PropertyOf("shop-web", "ntp"));
        Assert.Equal("here", host.PropertyOf("shop-db", "ntp"));
        Assert.Equal("time.example.com", host.PropertyOf("shop-cache", "ntp"));
        Assert.Equal("test", host.PropertyOf("shop-db", "domain"));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task VMs_are_started_in_the_order_of_the_package(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind, hasTools: true);
        var content = Startup(("back", 1, "ovf:startDelay=\"1\""), ("web", 2, ""), ("tool", 1, "ovf:startAction=\"none\""))
            + new VAppMachine("web").ToXml() + new VAppMachine("tool").ToXml()
            + Collection("back", Startup(("db", 3, "ovf:startDelay=\"60\" ovf:waitingForGuest=\"true\""), ("cache", 5, "")) + new VAppMachine("cache").ToXml() + new VAppMachine("db", 1).ToXml());
        var request = host.Request(Write(content, 1));
        request = request with { Import = request.Import with { PowerOn = true } };

        var shown = await host.DescribeAsync(request);
        Assert.Contains("power on (start order 1.3, the next when its guest is ready or after 60 s)", shown);
        Assert.Contains("power on (start order 1.5)", shown);
        Assert.Contains("not powered on (start action 'none')", shown);

        var seen = new Steps();
        var vms = await host.ImportAsync(request, seen);
        Assert.Empty(host.Failures);
        Assert.Equal(["db", "cache", "web"], await host.PowerOnsAsync());
        Assert.Equal("cache=On db=On tool=Off web=On", string.Join(' ', vms.OrderBy(vm => vm.Name).Select(vm => $"{vm.Name}={vm.PowerState}")));
        Assert.Equal(["db: Waiting for the guest's tools", "back: Waiting before the next start"], seen.Waits);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Several_sets_are_sent_once_and_named_by_their_numbers(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = host.Request(Write(s_shop, 3)) with { NamePattern = "{name}-{n:00}", Count = 2 };
        var vms = await host.ImportAsync(request with { Import = request.Import with { ThrottleLimit = 1 } });
        Assert.Empty(host.Failures);
        Assert.Equal(["cache-01", "cache-02", "db-01", "db-02", "web-01", "web-02"], vms.Select(vm => vm.Name).Order());
        host.AssertDisks("db-02", 2, 3);
        host.AssertDisks("web-02", 1, 2);

        var sent = host.BytesUploaded;
        await using var alone = await VAppHost.StartAsync(kind);
        await alone.ImportAsync(alone.Request(Write(s_shop, 3)));
        Assert.Equal(alone.BytesUploaded, sent);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_machine_that_fails_takes_its_set_with_it_and_leaves_nothing(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        // The last disk is damaged, which shows while it is sent.
        var path = (Create(s_shop, 3) with { WrongDigest = "disk3.vmdk" }).WriteOva(_folder, Guid.NewGuid() + ".ova");
        var request = host.Request(path);
        var vms = await host.ImportAsync(request with { Import = request.Import with { PowerOn = true, ThrottleLimit = 1 } });

        Assert.Empty(vms);
        var failure = Assert.Single(host.Failures);
        Assert.Equal("db", failure.Key);
        Assert.Equal(ErrorCodes.OvaDigestMismatch, failure.Value.Code);
        Assert.Contains("The other VMs of the same vApp are not created either: 'cache', 'web'.", failure.Value.Message);
        Assert.Empty(await host.PowerOnsAsync());
        host.AssertNothingIsLeft();
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_set_that_fails_does_not_stop_the_others(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var request = host.Request(Write(new VAppMachine("web", 1).ToXml() + new VAppMachine("db", 2).ToXml(), 2)) with { Count = 3, NamePattern = "{name}{n}" };
        request = request with { Import = request.Import with { ThrottleLimit = 1 } };
        // The first set is web1 and db1; db1 fails, and others are copied from web1 before it is removed.
        if (kind == HypervisorKind.XenServer)
            host.Xen.Faults.FailCall("VM.create", "INTERNAL_ERROR", ["no"], skip: 1);
        else
            host.Vsphere.Faults.FailMethod("ImportVApp", "InsufficientResourcesFault", skip: 1);
        var vms = await host.ImportAsync(request);

        Assert.Equal(["db2", "db3", "web2", "web3"], vms.Select(vm => vm.Name).Order());
        Assert.Equal(["db1"], host.Failures.Keys);
        Assert.Equal(["db2", "db3", "web2", "web3"], host.VmNames.Order());
        host.AssertDisks("web3", 1);
        host.AssertDisks("db3", 2);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_start_that_fails_stops_the_rest_of_its_set(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        if (kind == HypervisorKind.XenServer)
            host.Xen.Faults.FailCall("VM.start", "HOST_NOT_ENOUGH_FREE_MEMORY", ["1", "0"], skip: 1);
        else
            host.Vsphere.Faults.FailTask("PowerOnVM_Task", "InsufficientResourcesFault", skip: 1);
        var request = host.Request(Write(s_shop, 3));
        var vms = await host.ImportAsync(request with { Import = request.Import with { PowerOn = true } });

        Assert.Equal(["cache", "db", "web"], vms.Select(vm => vm.Name).Order());
        var failure = Assert.Single(host.Failures);
        Assert.Equal("cache", failure.Key);
        Assert.Contains("VM 'cache' exists, but could not be powered on", failure.Value.Message);
        Assert.EndsWith("Not powered on after it: 'web'.", failure.Value.Message);
        Assert.Equal(["db", "cache"], await host.PowerOnsAsync());
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task The_plan_shows_every_machine_and_refuses_before_anything_is_made(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        var options = "<DeploymentOptionSection><Info/><Configuration ovf:id=\"small\"><Label>s</Label><Description/></Configuration><Configuration ovf:id=\"large\"><Label>l</Label><Description/></Configuration></DeploymentOptionSection>";
        var content = new VAppMachine("web", 1) { Items = OvaBuilder.Item(1, 3, "CPU", quantity: 8, configuration: "large") }.ToXml() + new VAppMachine("db", 2).ToXml();
        var request = host.Request(Write(content, 2, options));

        var lines = (await host.DescribeAsync(request with { Import = request.Import with { DeploymentOption = "large" } })).Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(" as web: 8 vCPU, 64 MB, disk 192 KB", lines[0]);
        Assert.EndsWith(", start order 0", lines[0]);
        Assert.Contains(" as db: 1 vCPU, 64 MB", lines[1]);

        await RefusedAsync(ErrorCodes.OvfDeploymentOptionUnknown, request with { Import = request.Import with { DeploymentOption = "huge" } });
        await RefusedAsync(ErrorCodes.OvfPropertyUnknown, request with { Import = request.Import with { Properties = new Dictionary<string, string> { ["x"] = "1" } } });
        await RefusedAsync(ErrorCodes.OvfNetworkUnknown, request with { Import = request.Import with { Hardware = new() { NetworkMap = new Dictionary<string, string> { ["x"] = "VM Network" } } } });
        await RefusedAsync(ErrorCodes.DuplicateVmName, request with { NamePattern = "same" });
        await RefusedAsync(ErrorCodes.DuplicateVmName, request with { Count = 2 });
        await RefusedAsync(ErrorCodes.NameInvalid, request with { NamePattern = "{what}" });
        Assert.Equal(ErrorHint.NameMachines, (await RefusedAsync(ErrorCodes.NameInvalid, request with { Names = ["one"] })).Hint);
        await RefusedAsync(ErrorCodes.MacAddressInvalid, request with { Import = request.Import with { Hardware = request.Import.Hardware with { MacAddresses = ["00:50:56:01:00:01"] } } });
        host.AssertNothingIsLeft();

        await host.ImportAsync(request with { Names = ["one", "two"] });
        Assert.Equal(["one", "two"], host.VmNames.Order());
        await RefusedAsync(ErrorCodes.VmNameExists, request with { Names = ["three", "two"] });

        async Task<VmDeployException> RefusedAsync(ErrorCode code, VAppRequest wrong)
        {
            var refusal = await Assert.ThrowsAsync<VmDeployException>(() => host.DescribeAsync(wrong));
            Assert.Equal(code, refusal.Code);
            return refusal;
        }
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task An_import_that_is_stopped_leaves_nothing(HypervisorKind kind)
    {
        await using var host = await VAppHost.StartAsync(kind);
        using var stop = new CancellationTokenSource();
        var request = host.Request(Write(s_shop, 3));
        var progress = new Steps { On = step => { if (step.BytesDone > 0) stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.ImportAsync(request, progress, stop.Token));
        host.AssertNothingIsLeft();
    }

    private string Write(string content, int disks, string sections = "") => Create(content, disks, sections: sections).WriteOva(_folder, Guid.NewGuid() + ".ova");

    // Reports arrive in order, unlike those of Progress<T>.
    private sealed class Steps : IProgress<OperationProgress>
    {
        private readonly List<string> _waits = [];

        public Action<OperationProgress>? On { get; init; }

        public IReadOnlyList<string> Waits => _waits;

        public void Report(OperationProgress value)
        {
            lock (_waits)
            {
                var text = $"{value.Activity}: {value.Status}";
                if (value.Status.StartsWith("Waiting", StringComparison.Ordinal) && !_waits.Contains(text))
                    _waits.Add(text);
            }
            On?.Invoke(value);
        }
    }
}
