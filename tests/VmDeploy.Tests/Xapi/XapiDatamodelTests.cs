using System.Collections.Concurrent;
using System.Text.Json;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Xapi;
using Xunit;
using Xunit.Sdk;

namespace VmDeploy.Tests.Xapi;

public class XapiDatamodelTests
{
    [SkippableFact]
    public async Task A_wrong_call_is_caught_before_it_leaves()
    {
        SharedFolder.File("xapi", "xenapi.json");
        await using var server = await SimulatedXenServer.StartAsync();
        await CaughtAsync("there is no method VM.fly", "VM.fly");
        await CaughtAsync("takes 4 to 4 arguments, not 2", "VM.start", "OpaqueRef:1");
        await CaughtAsync("is no bool", "VM.start", "OpaqueRef:1", "false", false);
        await CaughtAsync("is no VM ref", "VM.start", "web1", false, false);
        await CaughtAsync("is no int", "VDI.resize", "OpaqueRef:1", "10 GiB");
        await CaughtAsync("is no enum vm_operations", "VM.assert_operation_valid", "OpaqueRef:1", "explode");
        await CaughtAsync("the field virtual_size is missing", "VDI.create", new Dictionary<string, object> { ["SR"] = "OpaqueRef:1" });
        await CaughtAsync("VDI has no field color", "VDI.create", new Dictionary<string, object> { ["color"] = "red" });
        await XapiVmTests.RawAsync(server, "VM.get_all");

        async Task CaughtAsync(string words, string method, params object[] arguments)
        {
            var error = await Assert.ThrowsAsync<XunitException>(() => XapiVmTests.RawAsync(server, method, arguments));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public void Failure_codes_and_parameters_are_the_official_ones()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.File("xapi", "errors.json")));
        var official = json.RootElement.EnumerateArray().ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("params").GetArrayLength());
        // Codes of storage back ends and of older hosts are not in the list.
        string[] others = ["SR_BACKEND_FAILURE_44", "VDI_IO_ERROR", "VM_LACKS_FEATURE_SHUTDOWN"];
        Assert.Empty(XapiFailureTable.All.Keys.Except(official.Keys).Except(others));
    }

    [SkippableFact]
    public async Task The_simulators_table_is_what_its_script_makes_of_the_datamodel()
    {
        var made = await Shell.RunAsync(Requires.Tool("python3"), Repository.Path("src/VmDeploy.Simulator/Xapi/Data/make-table.py"), SharedFolder.File("xapi", "xenapi.json"));
        Assert.Equal(File.ReadAllText(Repository.Path("src/VmDeploy.Simulator/Xapi/Data/xenapi-table.txt")), made);
    }

    // The documented sequences, with a client from another project.
    private const string Story = """
        import re, socket, struct, sys
        from os_xenapi.client import XenAPI

        url = sys.argv[1]
        session = XenAPI.Session(url)
        session.login_with_password("root", "xenroot", "1.0", "test")
        x = session.xenapi

        def fails(call, *expected):
            try:
                call()
            except XenAPI.Failure as e:
                assert tuple(e.details[:len(expected)]) == expected, e.details
            else:
                raise AssertionError(expected)

        template = x.VM.get_by_name_label("Debian Bookworm 12")[0]
        vm = x.VM.clone(template, "py1")
        assert x.VM.get_is_a_template(vm)
        fails(lambda: x.VM.start(vm, False, False), "VM_IS_TEMPLATE")
        fails(lambda: x.VM.provision(vm), "UUID_INVALID", "SR", "")
        assert not x.VM.get_is_a_template(vm)
        fails(lambda: x.VM.provision(vm), "PROVISION_ONLY_ALLOWED_ON_TEMPLATE")
        x.VM.destroy(vm)

        sr = x.pool.get_default_SR(x.pool.get_all()[0])
        vm = x.VM.clone(template, "py1")
        config = x.VM.get_other_config(vm)
        config["disks"] = config["disks"].replace('sr=""', 'sr="%s"' % x.SR.get_uuid(sr))
        x.VM.set_other_config(vm, config)
        x.VM.provision(vm)
        fails(lambda: x.VM.set_memory_limits(vm, "2", "1", "1", "1"), "MEMORY_CONSTRAINT_VIOLATION_ORDER")
        x.VM.set_memory_limits(vm, "134217728", "1073741824", "1073741824", "1073741824")
        fails(lambda: x.VM.set_VCPUs_at_startup(vm, "2"), "INVALID_VALUE")
        x.VM.set_VCPUs_max(vm, "2")
        x.VM.set_VCPUs_at_startup(vm, "2")
        vdi = x.VBD.get_VDI(x.VM.get_VBDs(vm)[0])
        fails(lambda: x.VDI.resize(vdi, "1048576"), "SR_BACKEND_FAILURE_79")
        x.VDI.resize(vdi, str(20 << 30))
        network = x.network.get_by_name_label("Pool-wide network associated with eth0")[0]
        x.VIF.create({"device": "0", "network": network, "VM": vm, "MAC": "", "MTU": "1500", "other_config": {},
                      "qos_algorithm_type": "", "qos_algorithm_params": {}})
        vlan = x.network.create({"name_label": "vlan7", "other_config": {}})
        pif = [r for r, p in x.PIF.get_all_records().items() if p["device"] == "eth0"][0]
        x.pool.create_VLAN_from_PIF(pif, vlan, "7")
        fails(lambda: x.network.destroy(vlan), "NETWORK_CONTAINS_PIF")

        task = x.Async.VM.start(vm, False, False)
        token, status = "", "pending"
        while status == "pending":
            batch = getattr(x.event, "from")(["task/" + task], token, 30.0)
            token = batch["token"]
            for event in batch["events"]:
                status = event["snapshot"]["status"]
        assert status == "success" and x.VM.get_power_state(vm) == "Running"
        x.task.destroy(task)
        fails(lambda: x.VDI.resize(vdi, str(30 << 30)), "VDI_IN_USE", vdi)
        fails(lambda: x.VM.clone(vm, "no"), "VM_BAD_POWER_STATE", vm, "halted", "running")
        fails(lambda: x.VM.clean_shutdown(vm), "VM_LACKS_FEATURE", vm)
        x.VM.hard_shutdown(vm)

        cd = dict(VM=vm, VDI="OpaqueRef:NULL", userdevice="autodetect", bootable=False, mode="RW", type="CD", empty=True,
                  other_config={}, qos_algorithm_type="", qos_algorithm_params={})
        fails(lambda: x.VBD.create(cd), "VBD_CDS_MUST_BE_READONLY")
        cd["mode"] = "RO"
        drive = x.VBD.create(cd)
        fails(lambda: x.VBD.eject(drive), "VBD_IS_EMPTY")
        iso = x.VDI.get_by_name_label("tiny.iso")[0]
        x.VBD.insert(drive, iso)
        fails(lambda: x.VBD.insert(drive, iso), "VBD_NOT_EMPTY")

        disk = x.VDI.create({"name_label": "up", "SR": sr, "virtual_size": str(1 << 20), "type": "user", "sharable": False,
                             "read_only": False, "other_config": {}})
        host, port = re.match(r"http://([\d.]+):(\d+)", url).groups()

        def put(query, headers=""):
            sock = socket.create_connection((host, int(port)))
            sock.sendall(("PUT /import_raw_vdi?session_id=%s&%s HTTP/1.0\r\n%s\r\n" % (session._session, query, headers)).encode())
            return sock, sock.recv(1000).split(b"\r\n")[0]

        task = x.task.create("import", "")
        sock, status = put("vdi=%s&format=raw&chunked=true&task_id=%s" % (disk, task))
        assert status == b"HTTP/1.1 200 OK" and x.task.get_status(task) == "pending"
        sock.sendall(struct.pack("<QI", 65536, 5) + b"hello" + bytes(12))
        assert sock.recv(100) == b""
        assert x.task.get_status(task) == "success" and "destroy" not in x.VDI.get_allowed_operations(disk)
        assert put("vdi=%s&format=raw" % disk, "Transfer-Encoding: chunked\r\n")[1] == b"HTTP/1.1 403 Forbidden"
        assert put("format=raw")[1] == b"HTTP/1.1 400 Bad Request"

        try:
            x.VM.get_by_name_label("x" * 400000)
        except Exception as e:
            assert not isinstance(e, XenAPI.Failure), e
        else:
            raise AssertionError("a call over 300 KiB")
        x.VM.destroy(vm)
        assert x.VDI.get_uuid(vdi)
        session.xenapi.session.logout()
        print("the end")
        """;

    [SkippableFact]
    public async Task Pythons_client_finds_the_rules_of_a_real_host()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["story.py"], Story);
        var wrong = new ConcurrentBag<string>();
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions
        {
            TransferLinger = TimeSpan.FromMinutes(1),
            Received = body => (XapiDatamodel.IsAvailable ? XapiDatamodel.Validate(body) : []).ToList().ForEach(wrong.Add),
        });
        var output = await Shell.RunAsync(Requires.Python("os_xenapi"), folder["story.py"], simulator.HttpUrl.ToString());
        Assert.EndsWith("the end\n", output, StringComparison.Ordinal);
        Assert.Empty(wrong);
        Assert.Equal(0, simulator.OpenSessions);
    }
}
