using System.Security.Cryptography;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Sessions;

/// <summary>A logged-in client.</summary>
internal sealed class Session : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private int _objects;

    public Session(string userName)
    {
        Cookie = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        Key = Guid.NewGuid().ToString();
        UserName = userName;
        LoginTime = LastUsed = DateTime.UtcNow;
    }

    /// <summary>The secret that the client sends.</summary>
    public string Cookie { get; }

    /// <summary>The public name of the session.</summary>
    public string Key { get; }

    public string UserName { get; }

    public DateTime LoginTime { get; }

    public DateTime LastUsed { get; private set; }

    /// <summary>Calls in progress; a session with one is not idle.</summary>
    public int CallsUnderWay { get; private set; }

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Objects that only this session sees: views, collectors and filters.</summary>
    public Dictionary<string, ManagedObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>An id for such an object, in the style of a host.</summary>
    public string NewObjectId() => $"session[{Key}]{Guid.NewGuid():D}-{++_objects}";

    public void BeginCall()
    {
        CallsUnderWay++;
        LastUsed = DateTime.UtcNow;
    }

    public void EndCall()
    {
        CallsUnderWay--;
        LastUsed = DateTime.UtcNow;
    }

    public void End() => _ = _ended.CancelAsync();

    public void Dispose() => _ended.Dispose();

    public DataObject ToData() => new("UserSession")
    {
        ["key"] = Key,
        ["userName"] = UserName,
        ["fullName"] = UserName,
        ["loginTime"] = LoginTime,
        ["lastActiveTime"] = LastUsed,
        ["locale"] = "en",
        ["messageLocale"] = "en",
    };
}
