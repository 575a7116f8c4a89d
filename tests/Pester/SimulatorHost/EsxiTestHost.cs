using System.Text;
using System.Text.Json.Nodes;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;

namespace VmDeploy.SimulatorHost;

/// <summary>An ESXi host or a vCenter.</summary>
internal sealed class EsxiTestHost : ITestHost
{
    private readonly EsxiSimulator _simulator;

    private EsxiTestHost(EsxiSimulator simulator) => _simulator = simulator;

    public object Address => new
    {
        Kind = "Esxi",
        _simulator.Server,
        _simulator.HttpsPort,
        _simulator.HttpPort,
        _simulator.Thumbprint,
        _simulator.UserName,
        _simulator.Password,
    };

    public object State => new
    {
        _simulator.Vms,
        _simulator.OpenSessions,
        _simulator.SessionSecrets,
        _simulator.OpenLeases,
        _simulator.BytesUploaded,
        DeviceReads = _simulator.Requests.Count(r => r.Xml.Contains("config.hardware.device")),
        Files = _simulator.DatastoreFiles(),
    };

    public static async Task<ITestHost> StartAsync(JsonNode setup) => new EsxiTestHost(await EsxiSimulator.StartAsync(new EsxiSimulatorOptions
    {
        Mode = (string?)setup["mode"] == "vcenter" ? EsxiMode.VCenter : EsxiMode.Esxi,
        VmCount = (int?)setup["vms"] ?? 0,
        Folders = Texts(setup["folders"]),
        ResourcePools = Texts(setup["pools"]),
        Datacenters = Texts(setup["datacenters"]),
        StoragePods = Texts(setup["pods"]),
        Guest = _ => (bool?)setup["tools"] == true ? GuestBehavior.WithTools : GuestBehavior.NoTools,
        FreeLicense = (bool?)setup["freeLicense"] ?? false,
        ManagedBy = (string?)setup["managedBy"],
    }));

    /// <summary>How many SOAP requests the official schema does not allow; 0 if the schema is not available.</summary>
    public static int CountWrong(IEnumerable<string> requests)
    {
        if (!SoapSchema.IsAvailable)
            return 0;
        var wrong = 0;
        foreach (var request in requests)
        {
            var violations = SoapSchema.Validate(Encoding.UTF8.GetBytes(request));
            if (violations.Count > 0)
                Console.Error.WriteLine($"{string.Join("\n", violations)}\nin the request\n{request}");
            wrong += violations.Count > 0 ? 1 : 0;
        }
        return wrong;
    }

    public int CountRequests(string method) => _simulator.Requests.Count(r => r.Method == method);

    public void Obey(JsonNode order)
    {
        var faults = _simulator.Faults;
        switch ((string?)order["do"])
        {
            case "rate":
                faults.BytesPerSecond = (long?)order["bytesPerSecond"];
                break;
            case "cut":
                faults.CutUpload((long)order["atByte"]!, (int?)order["times"] ?? 1);
                break;
            case "fail":
                faults.FailMethod((string)order["method"]!, (string)order["fault"]!, times: (int?)order["times"] ?? 1);
                break;
            case "delay":
                faults.DelayReply((string)order["method"]!, TimeSpan.FromMilliseconds((int)order["milliseconds"]!));
                break;
            case "ask":
                faults.AskAtPowerOn();
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

    public int CountWrongRequests() => CountWrong(_simulator.Requests.Select(r => r.Xml));

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static string[] Texts(JsonNode? list) => [.. list?.AsArray().Select(item => (string)item!) ?? []];
}
