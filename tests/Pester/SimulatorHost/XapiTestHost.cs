using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;

namespace VmDeploy.SimulatorHost;

/// <summary>A XenServer.</summary>
internal sealed class XapiTestHost : ITestHost
{
    private readonly XapiSimulator _simulator;
    private readonly ConcurrentQueue<string> _wrong;

    private XapiTestHost(XapiSimulator simulator, ConcurrentQueue<string> wrong)
    {
        _simulator = simulator;
        _wrong = wrong;
    }

    public object Address => new
    {
        Kind = "XenServer",
        _simulator.Server,
        _simulator.HttpsPort,
        _simulator.HttpPort,
        _simulator.Thumbprint,
        _simulator.UserName,
        _simulator.Password,
    };

    public object State => new
    {
        // With the same names as on ESXi, so that one test can check both.
        Vms = _simulator.Vms.Select(vm => new
        {
            vm.Name,
            vm.Uuid,
            vm.PowerState,
            CpuCount = vm.Cpus.AtStartup,
            MemoryMB = vm.Memory[^1] >> 20,
            Annotation = vm.Description,
            Disks = vm.Drives.Where(d => d.Type == "Disk").Select(d => new { Label = d.VdiName, CapacityBytes = d.VirtualSize, Datastore = d.SrName, d.LocalPath }),
            Cdroms = vm.Drives.Where(d => d.Type == "CD").Select(d => new { Iso = d.VdiName }),
            Nics = vm.Vifs,
            vm.XenstoreData,
        }),
        _simulator.OpenSessions,
        _simulator.SessionSecrets,
        _simulator.BytesUploaded,
        Inventory = _simulator.Inventory(),
    };

    public static async Task<ITestHost> StartAsync(JsonNode setup)
    {
        var wrong = new ConcurrentQueue<string>();
        return new XapiTestHost(await XapiSimulator.StartAsync(new XapiSimulatorOptions
        {
            VmCount = (int?)setup["vms"] ?? 0,
            Guest = name => (bool?)setup["tools"] == true && name != (string?)setup["silent"] ? XapiGuest.WithTools : XapiGuest.NoTools,
            Received = body => Check(body, wrong),
        }), wrong);
    }

    public int CountRequests(string method) => _simulator.Calls.Count(c => c.Method == method);

    public void Obey(JsonNode order)
    {
        var faults = _simulator.Faults;
        switch ((string?)order["do"])
        {
            case "rate":
                faults.BytesPerSecond = (long?)order["bytesPerSecond"];
                break;
            case "cut":
                faults.CutUpload((long)order["atByte"]!);
                break;
            case "fail":
                faults.FailCall((string)order["method"]!, (string)order["fault"]!, times: (int?)order["times"] ?? 1);
                break;
            case "expire":
                faults.ExpireSessions();
                break;
            case "clear":
                faults.Clear();
                break;
            case var unknown:
                throw new FormatException($"Unknown order '{unknown}'.");
        }
    }

    public int CountWrongRequests()
    {
        foreach (var wrong in _wrong)
            Console.Error.WriteLine(wrong);
        return _wrong.Count;
    }

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    // Against the official datamodel, if it is available.
    private static void Check(byte[] body, ConcurrentQueue<string> wrong)
    {
        var violations = XapiDatamodel.IsAvailable ? XapiDatamodel.Validate(body) : [];
        if (violations.Count > 0)
            wrong.Enqueue($"{string.Join("\n", violations)}\nin the call\n{Encoding.UTF8.GetString(body)}");
    }
}
