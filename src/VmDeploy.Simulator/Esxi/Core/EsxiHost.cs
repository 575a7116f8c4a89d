using System.Globalization;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Sessions;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>The state of the simulated host: its objects, sessions and clock.</summary>
internal sealed class EsxiHost : IDisposable
{
    private readonly Dictionary<string, ManagedObject> _objects = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private int _nextId;
    private int _nextVm;

    public EsxiHost(EsxiSimulatorOptions options, FaultPlan faults, string dataFolder)
    {
        Options = options;
        Faults = faults;
        DataFolder = dataFolder;
        Stopping = _stopping.Token;
        Sessions = new(options.SessionTimeout);
        Versions = new(options);
        faults.SessionsExpired += Sessions.CloseAll;
    }

    public EsxiSimulatorOptions Options { get; }

    public FaultPlan Faults { get; }

    public TransferGate Transfers { get; } = new();

    public string DataFolder { get; }

    public bool IsVCenter => Options.Mode == EsxiMode.VCenter;

    /// <summary>Guards every object; never held during a wait.</summary>
    public object Gate { get; } = new();

    public ChangeLog Changes { get; } = new();

    public SessionTable Sessions { get; }

    public ApiVersions Versions { get; }

    /// <summary>The start of the URLs of leases, for example <c>https://*/ha-nfc/</c>.</summary>
    public string TransferRoot { get; set; } = "";

    /// <summary>Thumbprint of the certificate there; empty if it is the one of /sdk.</summary>
    public string TransferThumbprint { get; set; } = "";

    public string InstanceUuid { get; } = Guid.NewGuid().ToString();

    /// <summary>Cancelled when the host stops; timers may still read it later.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>All objects of a class, in the order of their creation.</summary>
    public IEnumerable<T> All<T>()
        where T : ManagedObject => _objects.Values.OfType<T>();

    /// <summary>The object that a session sees under a reference, or null.</summary>
    public ManagedObject? Find(Mor reference, Session? session)
    {
        var found = session?.Objects.GetValueOrDefault(reference.Value) ?? _objects.GetValueOrDefault(reference.Value);
        return found is not null && ManagedType.Of(found).Is(reference.Type) ? found : null;
    }

    /// <summary>The object under a reference that was given as a parameter.</summary>
    /// <exception cref="VimFault">ManagedObjectNotFound, or InvalidArgument for one of another type.</exception>
    public T Get<T>(Mor reference)
        where T : ManagedObject =>
        Find(reference, null) switch
        {
            T found => found,
            null => throw VimFault.NotFound(reference),
            _ => throw VimFault.InvalidArgument(reference.Type),
        };

    /// <summary>The only object of a class.</summary>
    public T The<T>()
        where T : ManagedObject => All<T>().Single();

    public T Add<T>(T added)
        where T : ManagedObject
    {
        _objects.Add(added.Self.Value, added);
        added.Changed();
        return added;
    }

    public void Remove(ManagedObject removed)
    {
        _objects.Remove(removed.Self.Value);
        removed.Changed();
    }

    /// <summary>The next number for an id.</summary>
    public string NextNumber() => (++_nextId).ToString(CultureInfo.InvariantCulture);

    /// <summary>The next id of a VM on a standalone host, a plain number.</summary>
    public string NextVmNumber() => (++_nextVm).ToString(CultureInfo.InvariantCulture);

    /// <summary>The URL for the files of a lease.</summary>
    public string TransferUrl(string ticket) => $"{TransferRoot}{ticket}/";

    public void Stop()
    {
        _stopping.Cancel();
        Sessions.CloseAll();
    }

    public void Dispose() => _stopping.Dispose();
}
