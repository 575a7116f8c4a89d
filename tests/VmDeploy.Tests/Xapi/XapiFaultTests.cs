using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>If any single call of a deployment fails, in any way, nothing is left.</summary>
public sealed class XapiFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public enum Way
    {
        /// <summary>The call is refused.</summary>
        Fails,

        /// <summary>The call is carried out, but its answer is lost.</summary>
        LosesItsAnswer,
    }

    public enum Kind
    {
        Ova,
        Template,
        StockTemplate,
        Clone,
        Iso,
    }

    [Theory]
    [InlineData(Kind.Ova, Way.Fails)]
    [InlineData(Kind.Ova, Way.LosesItsAnswer)]
    [InlineData(Kind.Template, Way.Fails)]
    [InlineData(Kind.Template, Way.LosesItsAnswer)]
    [InlineData(Kind.StockTemplate, Way.Fails)]
    [InlineData(Kind.StockTemplate, Way.LosesItsAnswer)]
    [InlineData(Kind.Clone, Way.Fails)]
    [InlineData(Kind.Clone, Way.LosesItsAnswer)]
    [InlineData(Kind.Iso, Way.Fails)]
    [InlineData(Kind.Iso, Way.LosesItsAnswer)]
    public async Task A_failure_of_any_single_call_leaves_nothing(Kind kind, Way way)
    {
        var ova = new OvaBuilder { Disks = [Disk(1), Disk(2)] }.WriteOva(_folder);
        var iso = _folder.Write("boot.iso", Iso.Mark(DiskImages.Mixed(1 << 20, 3)));
        await using var server = await SimulatedXenServer.StartAsync();
        using var package = await VmDeploy.Ova.OvaPackage.OpenAsync(ova, CancellationToken.None);
        var source = kind == Kind.Clone ? (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["source"] }, CancellationToken.None)))[0] : null;
        var before = server.Simulator.Inventory();

        // Failures of these don't affect the VM, and can be ignored.
        string[] harmless = ["task.destroy", "event.from", "VM.get_record", "VDI.get_record"];
        if (way == Way.LosesItsAnswer)
            harmless = [.. harmless, "VBD.get_record", "VIF.get_record", "VM.get_by_name_label", "VDI.get_all_records"];
        var failures = 0;
        for (var call = 0; ; call++)
        {
            var plan = await PlanAsync();
            var made = server.Simulator.Calls.Count;
            if (way == Way.Fails)
                server.Simulator.Faults.FailCall("*", "INTERNAL_ERROR", ["by order"], skip: call);
            else
                server.Simulator.Faults.DropReply("*", skip: call);
            IReadOnlyList<Vm> vms = [];
            try
            {
                vms = await server.RunAsync(plan);
            }
            catch (VmDeployException e)
            {
                // What all the VMs need could not be created.
                server.Failures["x"] = e;
            }
            var isStruck = server.Simulator.Faults.Left == 0;
            server.Simulator.Faults.Clear();
            var calls = server.Simulator.Calls.Skip(made).ToList();

            if (vms.Count == 1)
            {
                Assert.Empty(server.Failures);
                if (isStruck)
                    Assert.Contains(harmless.Append("import_raw_vdi"), h => calls.Exists(c => c.Method.EndsWith(h, StringComparison.Ordinal)));
                await server.Session.RemoveVmAsync(vms[0], force: false, CancellationToken.None);
                // The VLAN of a VM that was complete is kept, for other VMs.
                before = [.. before.Concat(server.Simulator.Inventory().Where(line => line.Contains("VLAN", StringComparison.Ordinal) || line.StartsWith("PIF", StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal)];
            }
            else
            {
                failures++;
                var error = Assert.Single(server.Failures).Value;
                Assert.DoesNotContain("Not rolled back", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("OpaqueRef", error.Message, StringComparison.Ordinal);
            }
            // An ISO that was sent for a VM is kept only with the VM.
            if (vms.Count == 1)
                before = [.. before.Concat(server.Simulator.Inventory().Where(line => line.EndsWith("boot.iso", StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal)];
            Assert.True(before.SequenceEqual(server.Simulator.Inventory()),
                $"{kind}, call {call} {way}: {string.Join("\n", server.Simulator.Inventory().Except(before))}\nafter {string.Join(", ", calls)}");
            if (!isStruck)
                break;
        }
        // Reads are repeated when their answers are lost.
        Assert.True(failures >= (way == Way.Fails ? 8 : 4), $"only {failures} calls mattered");

        Task<DeploymentPlan> PlanAsync() => kind switch
        {
            Kind.Ova => server.Session.PlanOvaImportAsync(new OvaImportRequest(ova) { Names = ["x"], Annotation = "a" }, package, CancellationToken.None),
            Kind.Template => server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template")
            {
                Names = ["x"],
                Hardware = new() { CpuCount = 2, MemoryMB = 1024, DiskBytes = [2L << 30], ExtraDiskBytes = [1 << 20] },
                Vlan = 7,
                CloudInit = new CloudInitData { UserData = "#!/bin/sh\n" },
            }, CancellationToken.None),
            Kind.StockTemplate => server.Session.PlanTemplateAsync(new TemplateRequest("Debian Bookworm 12") { Names = ["x"], Hardware = new() { Networks = [SimulatedXenServer.Network] } }, CancellationToken.None),
            Kind.Clone => server.Session.PlanCloneAsync(new CloneRequest(source!) { Names = ["x"], Hardware = new() { MemoryMB = 1024 }, Linked = true }, CancellationToken.None),
            _ => server.Session.PlanIsoVmAsync(new IsoVmRequest(iso) { Names = ["x"], Hardware = new() { Firmware = Firmware.Efi } }, CancellationToken.None),
        };
    }

    [Fact]
    public async Task What_can_not_be_removed_is_named()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.FailCall("VBD.create", "INTERNAL_ERROR", ["by order"]);
        server.Simulator.Faults.FailCall("VDI.destroy", "SR_BACKEND_FAILURE_46", ["", "The VDI is not available", ""], times: 5);
        var ova = new OvaBuilder { Disks = [Disk(1)] }.WriteOva(_folder);
        await server.ImportAsync(new OvaImportRequest(ova) { Names = ["x"] });
        Assert.Contains("Not rolled back: ", server.Failures["x"].Message, StringComparison.Ordinal);
        Assert.Contains("disk 'x disk 0' (", server.Failures["x"].Message, StringComparison.Ordinal);
        server.Simulator.Faults.Clear();
    }

    private static OvaBuilderDisk Disk(int number) => new($"disk{number}.vmdk", StreamVmdk.FromRaw(DiskImages.Mixed(300_000 / 512 * 512, number)));
}
