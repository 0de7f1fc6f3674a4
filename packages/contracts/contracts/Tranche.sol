// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What a tranche asks of the backstop it stands behind.
interface ITrancheBooks {
    /// @notice What this tranche would pay if everything inherited were closed now, in the token's own units: at the
    ///         oracle price, and at the greatest discount of an auction.
    function pendingLossOf(address tranche) external view returns (uint256 atMark, uint256 atWorst);

    /// @notice Whether shares may be bought and whether queued ones may leave.
    function gates() external view returns (bool entry, bool exit);
}

/// @title Tranche
/// @notice Capital that stands behind a venue before it is needed. Its shares are bought at what the tranche is worth at
///         the oracle price and leave at what it is worth at the worst price of an auction. Whoever wants to leave queues
///         shares, waits, and has a time in which to go: queued shares pay losses like all others. What leaves stays here
///         for an hour at least, and pays losses like what stays: nobody runs before a loss that others see already.
/// @dev What is held is counted, not read off a balance, so that nobody moves the price of a share by a gift; a virtual
///      share besides makes it unprofitable to round a first depositor away. It departs from ERC-4626 in that `redeem` and
///      `withdraw` pay nothing at once: they book what `claim` pays later.
contract Tranche is ERC4626 {
    using SafeERC20 for IERC20;
    using Math for uint256;

    /// @notice Shares that wait to leave.
    struct Request {
        uint256 shares;
        uint64 leavesFrom;
        uint64 leavesUntil;
    }

    /// @notice What left in one era. Claims share the assets.
    struct Exit {
        uint256 claims;
        uint256 assets;
    }

    /// @notice What leaves is liable until the era after its own ends.
    uint256 public constant ERA_SECONDS = 1 hours;
    /// @notice Who draws on it and pays into it.
    address public immutable backstop;
    /// @notice How long shares wait.
    uint64 public immutable cooldownSeconds;
    /// @notice How long they may leave after that.
    uint64 public immutable exitSeconds;
    /// @notice Tokens that are its shares'. What left is not among them.
    uint256 public held;
    mapping(address owner => Request) private _requests;
    mapping(uint256 era => Exit) private _exits;
    mapping(address receiver => mapping(uint256 era => uint256)) private _claims;

    event RedeemRequested(address indexed owner, uint256 shares, uint64 leavesFrom, uint64 leavesUntil);
    event RequestCancelled(address indexed owner, uint256 shares);
    event LossPaid(uint256 amount);
    /// @param era By which it is claimed, once it is not liable any more.
    event Left(address indexed receiver, uint256 indexed era, uint256 assets);
    event Claimed(address indexed receiver, uint256 indexed era, uint256 assets);
    event IncomeTaken(uint256 amount);

    /// @notice Only the backstop draws and pays in.
    error NotBackstop(address caller);
    /// @notice Nothing to do with no shares.
    error ZeroShares();
    /// @notice What left may still have to pay.
    error StillLiable(uint256 until);
    /// @notice The token took a toll: not all of it arrived.
    error NotReceived(uint256 received, uint256 assets);

    constructor(IERC20 token, string memory name_, string memory symbol_, uint64 cooldownSeconds_, uint64 exitSeconds_)
        ERC20(name_, symbol_)
        ERC4626(token)
    {
        backstop = msg.sender;
        cooldownSeconds = cooldownSeconds_;
        exitSeconds = exitSeconds_;
    }

    modifier onlyBackstop() {
        if (msg.sender != backstop) revert NotBackstop(msg.sender);
        _;
    }

    /// @notice Queues the caller's shares. What was queued before starts to wait again.
    function requestRedeem(uint256 shares) external {
        if (shares == 0) revert ZeroShares();
        _transfer(msg.sender, address(this), shares);
        Request storage request = _requests[msg.sender];
        request.shares += shares;
        request.leavesFrom = uint64(block.timestamp) + cooldownSeconds;
        request.leavesUntil = request.leavesFrom + exitSeconds;
        emit RedeemRequested(msg.sender, request.shares, request.leavesFrom, request.leavesUntil);
    }

    /// @notice Takes all queued shares back.
    function cancelRequest() external {
        uint256 shares = _requests[msg.sender].shares;
        if (shares == 0) revert ZeroShares();
        delete _requests[msg.sender];
        _transfer(address(this), msg.sender, shares);
        emit RequestCancelled(msg.sender, shares);
    }

    /// @notice Pays part of a loss, from what is held and what is liable alike. No more than there is.
    function draw(uint256 amount) external onlyBackstop returns (uint256 paid) {
        (Exit storage now_, Exit storage before) = _liable();
        uint256 leaving = now_.assets + before.assets;
        paid = Math.min(amount, held + leaving);
        if (paid == 0) return 0;
        uint256 kept = paid.mulDiv(held, held + leaving);
        held -= kept;
        if (leaving != 0) {
            uint256 part = (paid - kept).mulDiv(now_.assets, leaving, Math.Rounding.Ceil);
            now_.assets -= part;
            before.assets -= paid - kept - part;
        }
        emit LossPaid(paid);
        IERC20(asset()).safeTransfer(backstop, paid);
    }

    /// @notice Pays what left in an era and is not liable any more. Anyone may call it; it pays whom it is for.
    function claim(address receiver, uint256 era) external returns (uint256 assets) {
        if (block.timestamp < (era + 2) * ERA_SECONDS) revert StillLiable((era + 2) * ERA_SECONDS);
        uint256 claims = _claims[receiver][era];
        if (claims == 0) revert ZeroShares();
        assets = leftOf(receiver, era);
        delete _claims[receiver][era];
        _exits[era].claims -= claims;
        _exits[era].assets -= assets;
        emit Claimed(receiver, era, assets);
        _transferOut(receiver, assets);
    }

    /// @notice Takes income from the backstop.
    function earn(uint256 amount) external onlyBackstop {
        IERC20(asset()).safeTransferFrom(backstop, address(this), amount);
        held += amount;
        emit IncomeTaken(amount);
    }

    /// @notice What an owner has queued.
    function requestOf(address owner) external view returns (Request memory) {
        return _requests[owner];
    }

    /// @notice What somebody has of what left in an era, after the losses since.
    function leftOf(address receiver, uint256 era) public view returns (uint256) {
        Exit storage exit = _exits[era];
        return exit.claims == 0 ? 0 : exit.assets.mulDiv(_claims[receiver][era], exit.claims);
    }

    /// @notice What may be drawn: what is held, and what left and is liable.
    function capital() public view returns (uint256) {
        (Exit storage now_, Exit storage before) = _liable();
        return held + now_.assets + before.assets;
    }

    /// @inheritdoc ERC4626
    /// @dev At the worst price: what those who leave are paid from.
    function totalAssets() public view override returns (uint256) {
        (, uint256 atWorst) = ITrancheBooks(backstop).pendingLossOf(address(this));
        return _less(atWorst);
    }

    /// @inheritdoc ERC4626
    function maxDeposit(address) public view override returns (uint256) {
        (bool entry,) = ITrancheBooks(backstop).gates();
        return entry ? type(uint256).max : 0;
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view override returns (uint256) {
        return maxDeposit(receiver);
    }

    /// @inheritdoc ERC4626
    /// @dev What is queued, has waited, and has not waited too long.
    function maxRedeem(address owner) public view override returns (uint256) {
        Request storage request = _requests[owner];
        (, bool exit) = ITrancheBooks(backstop).gates();
        if (!exit || block.timestamp < request.leavesFrom || block.timestamp >= request.leavesUntil) return 0;
        (Exit storage now_,) = _liable();
        // What left in this era was lost altogether: who leaves next shares the next era's.
        return now_.assets == 0 && now_.claims != 0 ? 0 : request.shares;
    }

    /// @inheritdoc ERC4626
    /// @dev At the oracle price: who comes now pays for what those before him may still get back.
    function previewDeposit(uint256 assets) public view override returns (uint256) {
        return assets.mulDiv(totalSupply() + 10 ** _decimalsOffset(), _worth() + 1);
    }

    /// @inheritdoc ERC4626
    function previewMint(uint256 shares) public view override returns (uint256) {
        return shares.mulDiv(_worth() + 1, totalSupply() + 10 ** _decimalsOffset(), Math.Rounding.Ceil);
    }

    function _worth() private view returns (uint256) {
        (uint256 atMark,) = ITrancheBooks(backstop).pendingLossOf(address(this));
        return _less(atMark);
    }

    /// @dev What is held, less its part of a loss.
    function _less(uint256 loss) private view returns (uint256) {
        return loss == 0 ? held : held.saturatingSub(loss.mulDiv(held, capital(), Math.Rounding.Ceil));
    }

    /// @dev What left in this era, and in the one before.
    function _liable() private view returns (Exit storage now_, Exit storage before) {
        uint256 era = block.timestamp / ERA_SECONDS;
        return (_exits[era], _exits[era - 1]);
    }

    /// @dev Queued shares lie here, so it is these that burn. What they pay lies here too until it is claimed.
    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
    {
        if (caller != owner) _spendAllowance(owner, caller, shares);
        _requests[owner].shares -= shares;
        _burn(address(this), shares);
        held -= assets;
        uint256 era = block.timestamp / ERA_SECONDS;
        Exit storage exit = _exits[era];
        uint256 claims = exit.claims == 0 ? assets : assets.mulDiv(exit.claims, exit.assets);
        _claims[receiver][era] += claims;
        exit.claims += claims;
        exit.assets += assets;
        emit Left(receiver, era, assets);
        emit Withdraw(caller, receiver, owner, assets, shares);
    }

    function _transferIn(address from, uint256 assets) internal override {
        uint256 before = IERC20(asset()).balanceOf(address(this));
        super._transferIn(from, assets);
        uint256 received = IERC20(asset()).balanceOf(address(this)) - before;
        if (received != assets) revert NotReceived(received, assets);
        held += assets;
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}
