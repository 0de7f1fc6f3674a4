// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title HostileToken
/// @notice A token that does what no collateral should: keeps a toll, loses balances by itself, refuses to move, counts in
///         other digits than yesterday, or calls back while it moves. For local chains.
contract HostileToken is ERC20("Hostile", "HOST") {
    uint8 private _decimals = 6;
    /// @notice Part of each transfer that goes astray, ppm.
    uint32 public tollPpm;
    /// @notice What every balance is multiplied with, ppm.
    uint256 public indexPpm = 1e6;
    /// @notice Who may not be paid.
    mapping(address account => bool) public blocked;

    /// @notice Whether the last call in the midst of a transfer came through.
    bool public reentered;

    /// @notice The token refuses to move.
    error Blocked(address account);

    address private _callee;
    bytes private _call;

    /// @notice Makes `amount`, in the token's own units, out of nothing.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setToll(uint32 ppm) external {
        tollPpm = ppm;
    }

    function setDecimals(uint8 digits) external {
        _decimals = digits;
    }

    function rebase(uint256 ppm) external {
        indexPpm = ppm;
    }

    function setBlocked(address account, bool on) external {
        blocked[account] = on;
    }

    /// @notice Calls `callee` in the midst of the next transfer, and goes on whatever comes of it.
    function arm(address callee, bytes calldata call_) external {
        (_callee, _call) = (callee, call_);
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    /// @inheritdoc ERC20
    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * indexPpm / 1e6;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (blocked[from] || blocked[to]) revert Blocked(blocked[from] ? from : to);
        uint256 base = value * 1e6 / indexPpm;
        uint256 toll = from == address(0) || to == address(0) ? 0 : base * tollPpm / 1e6;
        if (toll != 0) super._update(from, address(0xfee), toll);
        super._update(from, to, base - toll);
        if (_callee == address(0)) return;
        (address callee, bytes memory call_) = (_callee, _call);
        _callee = address(0);
        (bool done,) = callee.call(call_);
        reentered = done;
    }
}
