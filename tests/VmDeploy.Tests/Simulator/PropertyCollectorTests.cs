using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using Xunit;

namespace VmDeploy.Tests.Simulator;

public sealed class PropertyCollectorTests : IAsyncLifetime
{
    private static readonly XNamespace s_vim = RawSoap.Vim;

    // From the root folder through datacenters and folders to the VMs, by names that refer to one another.
    private const string Walk =
        """
        <objectSet><obj type="Folder">ha-folder-root</obj><skip>true</skip>
        <selectSet xsi:type="TraversalSpec"><name>folder</name><type>Folder</type><path>childEntity</path><skip>false</skip>
        <selectSet><name>folder</name></selectSet><selectSet><name>center</name></selectSet></selectSet>
        <selectSet xsi:type="TraversalSpec"><name>center</name><type>Datacenter</type><path>vmFolder</path>
        <selectSet><name>folder</name></selectSet></selectSet></objectSet>
        """;

    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;

    public async Task InitializeAsync()
    {
        _host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VmCount = 25 });
        _soap = await RawSoap.LoginAsync(_host);
    }

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_large_answer_comes_in_pages()
    {
        var names = new List<string>();
        var page = (await RetrieveAsync("<type>VirtualMachine</type><pathSet>name</pathSet>", Walk, 10)).Element(s_vim + "returnval")!;
        var sizes = new List<int>();
        while (true)
        {
            sizes.Add(page.Elements(s_vim + "objects").Count());
            names.AddRange(page.Descendants(s_vim + "val").Select(v => v.Value));
            if (page.Element(s_vim + "token") is not { } token)
                break;
            page = (await _soap.CallAsync($"<ContinueRetrievePropertiesEx>{_soap.Collector}<token>{token.Value}</token></ContinueRetrievePropertiesEx>")).Element(s_vim + "returnval")!;
            await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync($"<ContinueRetrievePropertiesEx>{_soap.Collector}<token>{token.Value}</token></ContinueRetrievePropertiesEx>"));
        }
        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(_host.Vms.Select(vm => vm.Name), names);
    }

    [Fact]
    public async Task A_cancelled_answer_ends()
    {
        var token = (await RetrieveAsync("<type>VirtualMachine</type><pathSet>name</pathSet>", Walk, 10)).Descendants(s_vim + "token").Single().Value;
        await _soap.CallAsync($"<CancelRetrievePropertiesEx>{_soap.Collector}<token>{token}</token></CancelRetrievePropertiesEx>");
        await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync($"<ContinueRetrievePropertiesEx>{_soap.Collector}<token>{token}</token></ContinueRetrievePropertiesEx>"));
    }

    [Fact]
    public async Task A_view_selects_by_type_below_its_container()
    {
        var view = (await _soap.CallAsync("<CreateContainerView><_this type=\"ViewManager\">ViewManager</_this><container type=\"Folder\">ha-folder-root</container>"
            + "<type>Datastore</type><type>Network</type><recursive>true</recursive></CreateContainerView>")).Value;
        var reply = await RetrieveAsync("<type>ManagedEntity</type><pathSet>name</pathSet>",
            $"<objectSet><obj type=\"ContainerView\">{view}</obj><skip>true</skip><selectSet xsi:type=\"TraversalSpec\"><type>ContainerView</type><path>view</path></selectSet></objectSet>", 100);
        Assert.Equal(["datastore1", "datastore2", "VM Network", "Lab"], reply.Descendants(s_vim + "val").Select(v => v.Value));
        await _soap.CallAsync($"<DestroyView><_this type=\"ContainerView\">{view}</_this></DestroyView>");
        await Assert.ThrowsAsync<RawFault>(() => _soap.ReadAsync("ContainerView", view, "view"));
    }

    [Fact]
    public async Task Paths_go_into_objects_and_pick_items_by_key()
    {
        var vm = _host.Vms[0];
        var found = await _soap.ReadAsync("VirtualMachine", vm.Id, "config.hardware.numCPU", "config.hardware.device[2000].backing.fileName",
            "config.hardware.device[2000]", "config.hardware.device", "datastore", "runtime.powerState", "guest.ipAddress");
        Assert.Equal("2", found["config.hardware.numCPU"].Value);
        Assert.Equal(vm.Disks[0].DatastorePath, found["config.hardware.device[2000].backing.fileName"].Value);
        Assert.Equal("VirtualDisk", RawSoap.TypeOf(found["config.hardware.device[2000]"]));
        Assert.Equal("ArrayOfVirtualDevice", RawSoap.TypeOf(found["config.hardware.device"]));
        Assert.Equal("ArrayOfManagedObjectReference", RawSoap.TypeOf(found["datastore"]));
        Assert.Equal("VirtualMachinePowerState", RawSoap.TypeOf(found["runtime.powerState"]));
        Assert.DoesNotContain("guest.ipAddress", found.Keys);
    }

    [Theory]
    [InlineData("colour")]
    [InlineData("config.colour")]
    [InlineData("config.hardware.device.key")]
    [InlineData("config.hardware[1]")]
    [InlineData("config.")]
    public async Task A_path_that_can_not_be_is_named(string path)
    {
        var fault = await Assert.ThrowsAsync<RawFault>(() => _soap.ReadAsync("VirtualMachine", _host.Vms[0].Id, path));
        Assert.Equal(("InvalidProperty", path), (fault.Type, fault.Detail.Element(s_vim + "name")!.Value));
    }

    [Fact]
    public async Task All_properties_can_be_read_of_everything()
    {
        foreach (var type in new[] { "Folder", "Datacenter", "ComputeResource", "HostSystem", "ResourcePool", "Datastore", "Network", "VirtualMachine" })
        {
            var id = (await RetrieveAsync($"<type>{type}</type>", AllOf(type), 1)).Descendants(s_vim + "obj").First();
            var reply = await RetrieveAsync($"<type>{type}</type><all>true</all>", $"<objectSet><obj type=\"{type}\">{id.Value}</obj></objectSet>", 1);
            Assert.Contains("name", reply.Descendants(s_vim + "propSet").Select(p => p.Element(s_vim + "name")!.Value));
        }
    }

    [Fact]
    public async Task What_may_not_be_read_is_reported_as_missing()
    {
        _host.Faults.HideProperty("VirtualMachine", "config");
        var reply = await RetrieveAsync("<type>VirtualMachine</type><pathSet>name</pathSet><pathSet>config</pathSet>",
            $"<objectSet><obj type=\"VirtualMachine\">{_host.Vms[0].Id}</obj></objectSet>", 1);
        Assert.Equal("name", reply.Descendants(s_vim + "propSet").Single().Element(s_vim + "name")!.Value);
        var missing = reply.Descendants(s_vim + "missingSet").Single();
        Assert.Equal(("config", "NoPermission"), (missing.Element(s_vim + "path")!.Value, RawSoap.TypeOf(missing.Element(s_vim + "fault")!.Element(s_vim + "fault")!)));
    }

    [Fact]
    public async Task A_wait_ends_with_the_change_and_not_before()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk());
        await FilterAsync($"<propSet><type>VirtualMachine</type><pathSet>runtime.powerState</pathSet></propSet><objectSet><obj type=\"VirtualMachine\">{vm.Id}</obj></objectSet>");
        var first = await UpdateAsync("");
        Assert.Equal("enter", first!.Descendants(s_vim + "kind").Single().Value);
        var version = first.Element(s_vim + "version")!.Value;
        Assert.Null(await UpdateAsync(version, seconds: 0));

        var wait = UpdateAsync(version);
        Assert.False(wait.IsCompleted);
        await _soap.SucceedInOtherSessionAsync(_host, VmXml.Call("PowerOnVM_Task", vm.Id));
        var update = await wait;
        Assert.Equal(("modify", "poweredOn"), (update!.Descendants(s_vim + "kind").Single().Value, update.Descendants(s_vim + "val").Single().Value));

        // The same version again gives the same answer, for a reply that was lost; an older one is not valid any more.
        Assert.Equal(update.ToString(), (await UpdateAsync(version))!.ToString());
        Assert.Equal("InvalidCollectorVersion", (await Assert.ThrowsAsync<RawFault>(() => UpdateAsync("4711"))).Type);
    }

    [Fact]
    public async Task Partial_updates_name_the_element_that_changed()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi);
        await FilterAsync($"<propSet><type>VirtualMachine</type><pathSet>runtime</pathSet></propSet><objectSet><obj type=\"VirtualMachine\">{vm.Id}</obj></objectSet>", partial: true);
        var version = (await UpdateAsync(""))!.Element(s_vim + "version")!.Value;
        await _soap.SucceedInOtherSessionAsync(_host, VmXml.Call("PowerOnVM_Task", vm.Id));
        var changed = (await UpdateAsync(version))!.Descendants(s_vim + "changeSet").Select(c => c.Element(s_vim + "name")!.Value).ToList();
        Assert.Contains("runtime.powerState", changed);
        Assert.DoesNotContain("runtime", changed);
    }

    [Fact]
    public async Task Objects_enter_and_leave_and_large_updates_are_cut()
    {
        await FilterAsync($"<propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet>{Walk}");
        var seen = 0;
        var version = "";
        bool truncated;
        do
        {
            var update = (await UpdateAsync(version, limit: 10))!;
            seen += update.Descendants(s_vim + "objectSet").Count();
            truncated = update.Element(s_vim + "truncated")?.Value == "true";
            version = update.Element(s_vim + "version")!.Value;
        }
        while (truncated);
        Assert.Equal(25, seen);

        var gone = _host.Vms[3].Id;
        await _soap.CallAsync(VmXml.Call("UnregisterVM", gone));
        var leave = (await UpdateAsync(version))!.Descendants(s_vim + "objectSet").Single();
        Assert.Equal(("leave", gone), (leave.Element(s_vim + "kind")!.Value, leave.Element(s_vim + "obj")!.Value));
    }

    [Fact]
    public async Task A_wait_is_cancelled_on_request_and_ends_with_its_session()
    {
        await FilterAsync("<propSet><type>Folder</type><pathSet>name</pathSet></propSet><objectSet><obj type=\"Folder\">ha-folder-vm</obj></objectSet>");
        var version = (await UpdateAsync(""))!.Element(s_vim + "version")!.Value;
        var wait = UpdateAsync(version);
        await WaitsAsync(2);
        await _soap.CallAsync($"<CancelWaitForUpdates>{_soap.Collector}</CancelWaitForUpdates>");
        Assert.Equal("RequestCanceled", (await Assert.ThrowsAsync<RawFault>(() => wait)).Type);

        wait = UpdateAsync(version);
        await WaitsAsync(3);
        _host.Faults.ExpireSessions();
        Assert.Equal("NotAuthenticated", (await Assert.ThrowsAsync<RawFault>(() => wait)).Type);
    }

    // Waits until the host has this number of waits; an earlier cancellation would have no effect.
    private async Task WaitsAsync(int count)
    {
        while (_host.Requests.Count(r => r.Method == "WaitForUpdatesEx") < count)
            await Task.Delay(5);
        await _soap.CallAsync("<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>");
    }

    private static string AllOf(string type) =>
        "<objectSet><obj type=\"Folder\">ha-folder-root</obj>" + string.Join("",
            new[] { ("Folder", "childEntity"), ("Datacenter", "vmFolder"), ("Datacenter", "hostFolder"), ("Datacenter", "datastoreFolder"), ("Datacenter", "networkFolder"), ("ComputeResource", "host"), ("ComputeResource", "resourcePool") }
            .Select((t, i) => $"<selectSet xsi:type=\"TraversalSpec\"><name>t{i}</name><type>{t.Item1}</type><path>{t.Item2}</path>"
                + string.Concat(Enumerable.Range(0, 7).Select(n => $"<selectSet><name>t{n}</name></selectSet>")) + "</selectSet>")) + "</objectSet>";

    private Task<XElement> RetrieveAsync(string propSet, string objectSet, int page) => _soap.CallAsync(
        $"<RetrievePropertiesEx>{_soap.Collector}<specSet><propSet>{propSet}</propSet>{objectSet}</specSet><options><maxObjects>{page}</maxObjects></options></RetrievePropertiesEx>");

    private Task<XElement> FilterAsync(string spec, bool partial = false) => _soap.CallAsync(
        $"<CreateFilter>{_soap.Collector}<spec>{spec}</spec><partialUpdates>{(partial ? "true" : "false")}</partialUpdates></CreateFilter>");

    private async Task<XElement?> UpdateAsync(string version, int seconds = 20, int? limit = null) => (await _soap.CallAsync(
        $"<WaitForUpdatesEx>{_soap.Collector}<version>{version}</version><options><maxWaitSeconds>{seconds}</maxWaitSeconds>"
        + (limit is null ? "" : $"<maxObjectUpdates>{limit}</maxObjectUpdates>") + "</options></WaitForUpdatesEx>")).Element(s_vim + "returnval");
}
